// Plays every scenario against the real gateway and compares with the recorded replies in fixtures/. After a change of
// the gateway's wire, `npx vitest run <this file> -u` records anew; the difference is then for a person to read.
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNotificationInbox } from '../../testing/notification-inbox.ts'
import type { NotificationInbox } from '../../testing/notification-inbox.ts'
import { madeAlike, recordScenario } from '../../testing/record-scenario.ts'
import { startTestSandbox } from '../../testing/running-sandbox.ts'
import type { RunningSandbox } from '../../testing/running-sandbox.ts'
import { givenPayment } from '../../testing/sandbox-requests.ts'
import { SANDBOX_SCENARIOS } from '../../testing/sandbox-scenarios.ts'
import { openTestDatabase } from '../../testing/test-database.ts'
import type { TestDatabase } from '../../testing/test-database.ts'

let database: TestDatabase
let inbox: NotificationInbox
let sandbox: RunningSandbox

beforeAll(async () => {
  database = await openTestDatabase()
  inbox = await startNotificationInbox()
  sandbox = await startTestSandbox(database.pools.sandbox, { notificationUrl: inbox.url })
})
afterAll(async () => {
  await sandbox.stop()
  await inbox.stop()
  await database.close()
})

test.each(SANDBOX_SCENARIOS)('the gateway still answers $name as recorded', async (scenario) => {
  await matchesRecording(scenario.name, await recordScenario(sandbox, scenario))
})

test('the gateway still notifies as recorded', async () => {
  const payment = await givenPayment(sandbox, { reference: 'pay_reference_1', amount: '1234.50' })
  const refund = { payment_id: payment.id, reference: 'ref_reference_1', amount: '100.00', currency: 'INR' }
  await sandbox.call('POST', '/v1/refunds', { ...refund, reason: 'not_satisfied' })
  await sandbox.advance(1_000)
  const [paid] = await inbox.waitFor(1, (body) => body.payment?.id === payment.id)
  const [returned] = await inbox.waitFor(1, (body) => body.refund?.payment_id === payment.id)
  await matchesRecording('notification-payment', madeAlike(sandbox.baseUrl, { body: paid?.raw.toString() }))
  await matchesRecording('notification-refund', madeAlike(sandbox.baseUrl, { body: returned?.raw.toString() }))
})

test('no recorded reply is left over from a scenario that is gone', async () => {
  const files = await readdir(new URL('fixtures', import.meta.url))
  const names = [...SANDBOX_SCENARIOS.map(({ name }) => name), 'notification-payment', 'notification-refund']
  expect(new Set(files)).toEqual(new Set(names.map((name) => `${name}.json`)))
})

function matchesRecording(name: string, recording: object): Promise<void> {
  return expect(`${JSON.stringify(recording, null, 2)}\n`).toMatchFileSnapshot(`fixtures/${name}.json`)
}
