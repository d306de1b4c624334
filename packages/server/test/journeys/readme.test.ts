// What documents say to paste: the first payment of README.md, and how a Juspay account is connected, run by a shell
// against a server with a demo.json in the folder where the reader stands.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPastedShell, shellUnder } from '../../src/testing/pasted-shell.ts'
import type { PastedShell } from '../../src/testing/pasted-shell.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let shell: PastedShell

beforeAll(async () => {
  server = await startTestServer()
  shell = await openPastedShell(server)
})

afterAll(async () => {
  await shell.close()
  await server.close()
})

/** What each line answered. */
async function pasted(script: string): Promise<readonly (Record<string, unknown> | undefined)[]> {
  const { out, error } = await shell.run(script)
  expect(error).toBe('')
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('README.md', () => {
  const firstPayment = () => shellUnder('README.md', 'First payment')

  test('makes a first payment in five lines', () => {
    expect(firstPayment().trim().split('\n')).toHaveLength(5)
  })

  test.each(['once', 'and again'])('shows a payment that is captured and an order that is paid, %s', async () => {
    const [payment, order, ...more] = await pasted(firstPayment())
    expect(more).toEqual([])
    expect(payment).toMatchObject({ object: 'payment', status: 'captured', amount: 49_900, currency: 'INR' })
    expect(order).toMatchObject({ object: 'order', status: 'paid', amount_captured: 49_900 })
    expect(order?.['id']).toBe(payment?.['order_id'])
  })
})

test('docs/connectors/juspay.md connects an account, shows where its webhooks go, and gives it other credentials', async () => {
  const [connectors, account, replaced, ...more] = await pasted(shellUnder('docs/connectors/juspay.md', 'Set it up'))
  expect(more).toEqual([])
  expect(connectors).toMatchObject({ object: 'list', items: [{ name: 'sandbox' }, { name: 'juspay' }] })
  expect(account).toMatchObject({
    object: 'gateway_account',
    connector: 'juspay',
    status: 'active',
    notification_url: `${server.baseUrl}/gateways/${String(account?.['id'])}/notifications`,
  })
  expect(replaced).toEqual(account)
})
