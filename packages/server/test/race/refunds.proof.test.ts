// Twenty refunds of one payment at the same instant, two hundred payments over, split over every entry there is: our
// API over HTTP, refunds that somebody makes at the gateway and that a notification tells us of, and the worker that
// asks. Two books are compared: nothing is given back beyond the capture, and what fits is not turned away for good.
import { randomUUID } from 'node:crypto'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { syncDueOperations } from '../../src/jobs/sync-operations.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

const WAYS = 20
const AT_THE_GATEWAY = 4
const AMOUNT = 100_00
const PART = 9_00
/** So many of them fit. */
const FITS = Math.floor(AMOUNT / PART)
const PAYMENTS_AT_ONCE = 10
const REASON = 'not_satisfied'

type Count = { refunds: number; taken: number; refused: number; fromGateway: number }

proof('refunds', { push: 200, nightly: 2_000, release: 10_000 }, async (run) => {
  const server = await startTestServer({ poolSize: 20 })
  const count: Count = { refunds: 0, taken: 0, refused: 0, fromGateway: 0 }
  let payments = 0
  try {
    for (; payments < run.goal && !run.isOver(); payments += PAYMENTS_AT_ONCE) {
      const faults = await raceOnce(server, count)
      if (faults.length > 0) throw violation('refunds', run.seed, faults)
      run.progress(`${payments} payments x ${WAYS}`)
    }
    if (server.errors.length > 0)
      throw violation(
        'refunds',
        run.seed,
        server.errors.map((error) => error.message),
      )
  } finally {
    await server.close()
  }
  return { counts: { payments, ways: WAYS, ...count }, seeds: 1 }
})

async function raceOnce(server: TestServer, count: Count): Promise<string[]> {
  const merchant = merchantClient(server)
  const voice = await gatewayVoice(server)
  const paid = await Promise.all(Array.from({ length: PAYMENTS_AT_ONCE }, () => merchant.pay({ amount: AMOUNT })))
  const gatewayIds = await Promise.all(
    paid.map(async ({ paymentId }) => String((await voice.payment(paymentId))['id'])),
  )
  const calls = paid.flatMap(({ paymentId }, at) =>
    Array.from({ length: WAYS }, (_, way) => async () => {
      count.refunds += 1
      if (way < AT_THE_GATEWAY) {
        const status = await voice.refund(gatewayIds[at] ?? '', {
          reference: `page_${randomUUID().slice(0, 20)}`,
          minor: PART,
        })
        if (status === 201 || status === 200) count.fromGateway += 1
        return
      }
      const answer = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: PART, reason: REASON })
      if (answer.status === 201) count.taken += 1
      else if (answer.status === 422) count.refused += 1
      else throw new Error(`A refund was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    }),
  )
  const sync = Array.from({ length: WAYS }, () => () => syncDueOperations(server.runtime.deps, 100))
  await Promise.all([...interleave(calls), ...sync].map((call) => call()))
  await settle(server)
  const faults = await Promise.all(paid.map(({ paymentId }) => judge(server, paymentId)))
  return faults.flat()
}

/** One of each payment in turn, so that all payments race at once. */
function interleave<T>(items: readonly T[]): T[] {
  return items
    .map((item, at) => ({ item, turn: at % WAYS }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item)
}

async function settle(server: TestServer): Promise<void> {
  await eventually(async () => {
    await advanceClock(server, 120)
    const { rows } = await server.db.pools.owner.query<{ open: number }>(
      `select (select count(*) from purser.refunds where status in ('pending', 'unknown'))::int
            + (select count(*) from purser.notifications where status in ('received', 'parked'))::int
            + (select count(*) from sandbox.refunds where status = 'PROCESSING')::int as open`,
    )
    return rows[0]?.open === 0 ? true : undefined
  }, 'every refund to settle')
}

async function judge(server: TestServer, paymentId: string): Promise<string[]> {
  const merchant = merchantClient(server)
  const read = async () => (await merchant.get(`/v1/payments/${paymentId}`)).body
  const theirs = async () => {
    const { rows } = await server.db.pools.owner.query<{ total: number }>(
      `select coalesce(sum(r.amount), 0)::int as total from sandbox.refunds r
         join sandbox.payments p on p.id = r.payment_id where p.reference = $1 and r.status = 'RETURNED'`,
      [paymentId],
    )
    return rows[0]?.total ?? 0
  }
  const faults: string[] = []
  const payment = await read()
  const ours = Number(payment['amount_refunded'])
  if (ours > AMOUNT) faults.push(`${paymentId} gave back ${ours} of ${AMOUNT}`)
  if (ours !== (await theirs())) faults.push(`${paymentId} gave back ${ours}, at the gateway ${await theirs()}`)
  // Whatever still fits is taken now: a race may delay a legal refund, not forbid it.
  const left = FITS - ours / PART
  for (let more = 0; more < left; more += 1) {
    const answer = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: PART, reason: REASON })
    if (answer.status !== 201) faults.push(`${paymentId} turns a legal refund away: ${answer.status}`)
  }
  const beyond = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: PART, reason: REASON })
  if (beyond.status !== 422) faults.push(`${paymentId} takes a refund too many: ${beyond.status}`)
  return faults
}
