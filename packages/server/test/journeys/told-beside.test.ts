// A gateway that is asked about a lost call tells more than whether it arrived: what it tells beside is believed as
// well, although no notification of it came.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { clearFaults, plantFault } from '../../src/testing/gateway-faults.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
beforeEach(() => clearFaults(server))
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const HOUR = 3_600
const DAY = 24 * HOUR
const timeline = async (paymentId: string) => (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body

/** The call never arrived, nobody answers questions, and no notification comes. */
async function lost(call: 'capture' | 'void'): Promise<string> {
  const { paymentId } = await merchant.pay({ capture: 'manual' })
  await plantFault(server, call, 'lost_request')
  await plantFault(server, 'query', 'garbage', null)
  await plantFault(server, 'notification', 'silent', null)
  await merchant.post(`/v1/payments/${paymentId}/${call}`, {})
  return paymentId
}

test('A lost capture fails, and the hold that ran out meanwhile is learnt from the same answer', async () => {
  const paymentId = await lost('capture')
  await advanceClock(server, 8 * DAY)
  expect(await timeline(paymentId)).toMatchObject({ payment: { status: 'authorized' } })
  await clearFaults(server)
  await plantFault(server, 'notification', 'silent', null)
  await advanceClock(server, DAY)
  expect(await timeline(paymentId)).toMatchObject({
    payment: { status: 'expired', amount_captured: 0 },
    operations: [{ kind: 'authorize' }, { kind: 'capture', status: 'failed' }],
  })
  expect((await verifyServer(server)).violations).toEqual([])
})

test('A lost void has what it wanted where the hold has run out meanwhile', async () => {
  const paymentId = await lost('void')
  await advanceClock(server, 8 * DAY)
  await clearFaults(server)
  await plantFault(server, 'notification', 'silent', null)
  await advanceClock(server, DAY)
  expect(await timeline(paymentId)).toMatchObject({
    payment: { status: 'expired' },
    operations: [{ kind: 'authorize' }, { kind: 'void', status: 'succeeded' }],
  })
})

test('A lost capture fails, and what somebody took at the gateway itself is counted', async () => {
  const paymentId = await lost('capture')
  // Somebody took a part of it on the gateway's own pages.
  await server.db.pools.owner.query(
    `update sandbox.payments set paid = 20000, status = 'PAID', closed = false, version = version + 1 where reference = $1`,
    [paymentId],
  )
  // By then the call can no longer be on its way.
  await advanceClock(server, 120)
  await clearFaults(server)
  await plantFault(server, 'notification', 'silent', null)
  await advanceClock(server, HOUR)
  expect(await timeline(paymentId)).toMatchObject({
    payment: { amount_captured: 20_000 },
    operations: [{ kind: 'authorize' }, { kind: 'capture', status: 'failed' }],
  })
})

test('An answer about another sum says nothing of the capture, which stays open', async () => {
  const paymentId = await lost('capture')
  await clearFaults(server)
  await plantFault(server, 'notification', 'silent', null)
  await plantFault(server, 'query', 'wrong_amount', null)
  await advanceClock(server, 600)
  const { operations } = await timeline(paymentId)
  expect(operations).toMatchObject([{ kind: 'authorize' }, { kind: 'capture' }])
  expect((operations as { status: string }[])[1]?.status).not.toBe('failed')
  await clearFaults(server)
  await advanceClock(server, 8 * DAY)
})
