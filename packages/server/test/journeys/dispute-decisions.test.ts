// A person decides a dispute whose gateway tells nothing: with evidence, after it was asked where it can be, and never
// against its word.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DisputeId } from '../../src/kernel/ids.ts'
import { resolveDispute } from '../../src/operations/resolve-dispute.ts'
import { askBank } from '../../src/testing/gateway-bank.ts'
import { clearFaults, plantFault } from '../../src/testing/gateway-faults.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { eventually } from '../../src/testing/virtual-time.ts'

type Item = Record<string, unknown>

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
})
beforeEach(() => clearFaults(server))
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const WHY = { evidence: 'Letter of the bank, 21 Nov', reason: 'The gateway tells of it by post alone.' }
const resolve = (id: string, body: object, key?: string) =>
  merchant.post(`/v1/disputes/${id}/resolve`, { ...WHY, ...body }, key)

/** Of 300.00 INR of a payment of 500.00 INR. */
async function givenDispute(): Promise<{ id: string; paymentId: string; gatewayDisputeId: string }> {
  const { paymentId } = await merchant.pay({ amount: 50_000 })
  const made = await askBank(server, '/disputes', { payment: paymentId, amount: '300.00', currency: 'INR' })
  const look = async () => ((await merchant.get(`/v1/disputes?payment_id=${paymentId}`)).body['items'] as Item[])[0]
  const id = String((await eventually(look, 'the dispute'))['id'])
  return { id, paymentId, gatewayDisputeId: String(made.body['id']) }
}

/** The gateway's book does not know what a person decided, and the checker says so (I7): here only ours counts. */
async function wrongOnOurSide() {
  const { violations } = await verifyServer(server)
  return violations.filter(({ invariant, object }) => invariant !== 'I7' || !object.startsWith('dsp_'))
}

const silent = () => plantFault(server, 'query_dispute', 'garbage', null)

test.each([
  ['won', 0, { amount_reserved: 0 }],
  ['lost', 30_000, { amount_reserved: 30_000 }],
])('A dispute is %s when a person says so, audited and in the history', async (outcome, disputed, more) => {
  const { id, paymentId } = await givenDispute()
  await silent()
  const answer = await resolve(id, { outcome })
  expect(answer).toMatchObject({ status: 200, body: { status: outcome, ...more } })
  expect((await merchant.get(`/v1/payments/${paymentId}`)).body).toMatchObject({ amount_disputed: disputed })
  const { transitions } = (await merchant.get(`/v1/disputes/${id}`)).body as { transitions: Item[] }
  expect(transitions.at(-1)).toMatchObject({ to: outcome, cause: 'person', actor: `key:${server.actor.id}` })
  const { rows } = await server.db.pools.owner.query(
    `select actor, details from audit where action = 'dispute.resolved' and object_id = $1`,
    [id],
  )
  expect(rows).toEqual([{ actor: `key:${server.actor.id}`, details: { outcome, ...WHY } }])
  expect(await wrongOnOurSide()).toEqual([])
})

test('A gateway that cannot be asked is not waited for', async () => {
  const { id } = await givenDispute()
  const { deps } = server.runtime
  const deaf = new Map(
    [...deps.connectors].map(([name, connector]) => {
      const { syncDispute: _, ...others } = connector
      return [name, others] as const
    }),
  )
  const command = { disputeId: DisputeId.parse(id), outcome: 'won', ...WHY } as const
  expect(await resolveDispute({ ...deps, connectors: deaf }, server.actor, command)).toMatchObject({ status: 'won' })
})

test('A gateway that answers is believed: nobody decides, and its answer is recorded', async () => {
  const { id, gatewayDisputeId } = await givenDispute()
  expect(await resolve(id, { outcome: 'lost' })).toMatchObject({ status: 409, body: { code: 'outcome_known' } })
  expect((await merchant.get(`/v1/disputes/${id}`)).body).toMatchObject({ status: 'open' })

  await plantFault(server, 'notification', 'silent', null)
  await askBank(server, `/disputes/${gatewayDisputeId}/decide`, { outcome: 'WON' })
  const key = randomUUID()
  expect(await resolve(id, { outcome: 'lost' }, key)).toMatchObject({ status: 409, body: { code: 'outcome_known' } })
  expect((await merchant.get(`/v1/disputes/${id}`)).body).toMatchObject({ status: 'won', amount_reserved: 0 })
  const again = await resolve(id, { outcome: 'lost' }, key)
  expect(again).toMatchObject({ status: 409, body: { code: 'dispute_state_conflict' } })
})

test('What the gateway says against a person later is followed, and shown as a conflict', async () => {
  const { id, paymentId, gatewayDisputeId } = await givenDispute()
  await silent()
  expect((await resolve(id, { outcome: 'won' })).status).toBe(200)
  await clearFaults(server)
  await askBank(server, `/disputes/${gatewayDisputeId}/decide`, { outcome: 'LOST' })
  const look = async () => ((await merchant.get(`/v1/disputes/${id}`)).body['status'] === 'lost' ? true : undefined)
  await eventually(look, 'the word of the gateway')
  const { conflicts } = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
  expect(conflicts).toMatchObject([{ kind: 'dispute_reversed' }])
  expect(await wrongOnOurSide()).toEqual([])
})

test.each([
  ['evidence', { evidence: '  ' }],
  ['reason', { reason: ' ' }],
  ['outcome', { outcome: 'accepted' }],
])('Nothing is decided without a proper %s', async (field, spoilt) => {
  const { id } = await givenDispute()
  await silent()
  const answer = await resolve(id, { outcome: 'won', ...spoilt })
  expect(answer.status).toBe(422)
  expect(answer.body).toMatchObject({ field })
  expect((await merchant.get(`/v1/disputes/${id}`)).body).toMatchObject({ status: 'open' })
})

test('Twenty who decide at once decide once, and the same key is answered with the same bytes', async () => {
  const { id } = await givenDispute()
  await silent()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => resolve(id, { outcome: index % 2 === 0 ? 'won' : 'lost' })),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  for (const { status } of answers) expect([200, 409]).toContain(status)
  const { rows } = await server.db.pools.owner.query(
    `select 1 from audit where action = 'dispute.resolved' and object_id = $1`,
    [id],
  )
  expect(rows).toHaveLength(1)

  const next = await givenDispute()
  const key = randomUUID()
  const first = await resolve(next.id, { outcome: 'lost' }, key)
  const replay = await resolve(next.id, { outcome: 'lost' }, key)
  expect([first.status, replay.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
  expect(replay.body).toEqual(first.body)
})

test('A key without the scope settings decides nothing', async () => {
  const { id } = await givenDispute()
  const actor = { ...server.actor, scopes: ['read', 'payments', 'refunds'] as const }
  const command = { disputeId: DisputeId.parse(id), outcome: 'won', ...WHY } as const
  await expect(resolveDispute(server.runtime.deps, actor, command)).rejects.toMatchObject({ code: 'scope_missing' })
})
