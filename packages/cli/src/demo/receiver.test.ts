// The receiver as a server meets it: over HTTP, with messages signed by the public standardwebhooks library.
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const BODY = JSON.stringify({ type: 'payment.captured', data: { payment: { id: 'pay_1', amount: 100 } } })

let receiver: Receiver

beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(() => receiver.close())

function deliver(id: string, secret: string, body = BODY): Promise<Response> {
  const at = new Date()
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  }
  return fetch(receiver.url, { method: 'POST', headers, body })
}

test('believes what is signed with the secret of its endpoint, and says so', async () => {
  receiver.trust(SECRET)
  expect((await deliver('evt_1', SECRET)).status).toBe(204)
  const event = await receiver.waitFor((it) => it.type === 'payment.captured', 1_000)
  expect(event).toMatchObject({ id: 'evt_1', data: { payment: { id: 'pay_1' } } })
})

test('refuses another secret, and everything before it knows its own', async () => {
  expect((await deliver('evt_1', SECRET)).status).toBe(401)
  receiver.trust(SECRET)
  expect((await deliver('evt_1', `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).status).toBe(401)
  expect(await receiver.waitFor(() => true, 1)).toBeUndefined()
})

test('takes a message that comes twice for one event', async () => {
  receiver.trust(SECRET)
  await deliver('evt_1', SECRET)
  expect((await deliver('evt_1', SECRET)).status).toBe(204)
  const seen = new Set<object>()
  await receiver.waitFor((event) => {
    seen.add(event)
    return false
  }, 1)
  expect(seen.size).toBe(1)
})

test('does not believe a verified message whose amount was changed', async () => {
  receiver.trust(SECRET)
  await deliver('evt_1', SECRET)
  expect(receiver.believesForgery()).toBe(false)
})
