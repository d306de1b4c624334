// Who stood still while a lease ran out, and wakes up when another one has taken over: it writes nothing, ends nothing
// and gives nothing back.
import { syncDueOperations } from '../../../jobs/sync-operations.ts'
import { sha256 } from '../../../kernel/hmac.ts'
import { AppError } from '../../../kernel/errors.ts'
import type { PaymentId } from '../../../kernel/ids.ts'
import { money } from '../../../kernel/money.ts'
import type { Deps } from '../../../operations/deps.ts'
import { idempotent } from '../../../operations/idempotent.ts'
import type { IdempotentSteps } from '../../../operations/idempotent.ts'
import { refundPayment } from '../../../operations/refund-payment.ts'
import { gate, letPass, until } from './stage.ts'
import type { Drill, Stage } from './stage.ts'

const HALF = money(500n, 'INR')

/** Asks, and holds the answer back until the gate opens. */
function slowWorker(stage: Stage) {
  const held = gate()
  const deps = stage.worker(async (request) => {
    const answer = stage.act(request)
    await held.pass()
    return answer
  })
  return { held, work: () => syncDueOperations(deps, 1) }
}

async function takeOver(stage: Stage, kind: 'authorize' | 'refund'): Promise<void> {
  const call = async () => {
    const [row] = await stage.rows<{ asked: number; lease: string | null; exchanges: number }>(
      `select asked, lease_token as lease,
              (select count(*)::int from purser.exchanges e
                where e.operation_id = o.id and e.kind like 'sync%') as exchanges
         from purser.operations o where merchant_id = $1 and kind = $2 and ended_at is null`,
      stage.till.merchantId,
      kind,
    )
    if (row === undefined) throw new Error(`No call of the kind ${kind} is open.`)
    return row
  }
  await stage.till.advance(60)
  const [first, second] = [slowWorker(stage), slowWorker(stage)]
  const firstWork = first.work()
  await until(first.held.reached, firstWork)
  await stage.till.endLeases()
  const secondWork = second.work()
  await until(second.held.reached, secondWork)
  const before = await call()
  first.held.open()
  await firstWork
  const after = await call()
  stage.expect(after.exchanges === before.exchanges, `I19 who lost the lease of a ${kind} wrote an exchange`)
  stage.expect(after.asked === before.asked, `I19 who lost the lease of a ${kind} counted as having asked`)
  stage.expect(after.lease === before.lease, `I19 who lost the lease of a ${kind} ended the lease of another one`)
  second.held.open()
  await secondWork
  stage.expect((await call()).exchanges === before.exchanges + 1, `I19 who holds the lease of a ${kind} wrote nothing`)
}

const payment: Drill = {
  name: 'a worker that lost the lease of a payment',
  play: async (stage) => {
    stage.outcome = 'pending'
    const paymentId = await stage.pay(await stage.order('automatic'))
    await takeOver(stage, 'authorize')
    settle(stage, paymentId, 'approve')
    await letPass(stage, 3_600)
  },
}

const refund: Drill = {
  name: 'a worker that lost the lease of a refund',
  play: async (stage) => {
    const { deps, actor } = stage.till
    const paymentId = (await stage.pay(await stage.order('automatic'))) as PaymentId
    await refundPayment(deps, actor, { paymentId, amount: HALF, reason: 'other' })
    await takeOver(stage, 'refund')
    for (const { id } of stage.gateway.refunds.values()) stage.gateway.settleRefund(id, 'RETURNED')
    await letPass(stage, 3_600)
  },
}

function settle({ gateway }: Stage, reference: string, how: 'approve' | 'reject'): void {
  const id = gateway.payment({ reference })?.id
  if (id === undefined || !gateway.settle(id, how)) throw new Error(`The gateway does not wait for ${reference}.`)
}

/** A request that stands still under its key, and the steps of its retry. */
function standingStill(stage: Stage, paymentId: PaymentId, answer: (id: string) => string) {
  const held = gate()
  const { till } = stage
  const claim = { route: 'POST a drill', key: `drill-${answer('key')}`, fingerprint: sha256('a drill') }
  const steps = (deps: Deps, after: () => Promise<void>): IdempotentSteps<string> => ({
    act: async (idempotency) => {
      await deps.store.inTransaction(till.actor.tenant, (tx) => idempotency.claim(tx, paymentId))
      await after()
      return 'first'
    },
    answer: (id) => ({ status: 201, body: { id, said: answer(id) } }),
    resume: async () => 'second',
  })
  const ask = (after: () => Promise<void>) => idempotent(till.deps, till.actor, claim, steps(till.deps, after))
  const keys = () =>
    stage.rows<{ status: number | null; leaseNumber: number }>(
      `select answer_status as status, lease_number as "leaseNumber" from purser.idempotency_keys
        where merchant_id = $1 and key = $2`,
      till.merchantId,
      claim.key,
    )
  return { held, ask, keys }
}

const givesKeyBack: Drill = {
  name: 'a request that gives its key back after another one took it over',
  play: async (stage) => {
    const paymentId = (await stage.pay(await stage.order('automatic'))) as PaymentId
    const { held, ask, keys } = standingStill(stage, paymentId, () => 'back')
    const first = ask(async () => {
      await held.pass()
      // Nothing left us: the key may be used again, as far as this one knows.
      throw new AppError('gateway_unavailable')
    }).catch((error: unknown) => error)
    await until(held.reached, first)
    await stage.till.endLeases()
    // The retry stands in the middle of its work when the first one wakes up: it has the lease, and not yet an answer.
    await stage.rows(
      `update purser.idempotency_keys set leased_until = now() + interval '1 minute', lease_number = lease_number + 1
        where merchant_id = $1 and answer_status is null`,
      stage.till.merchantId,
    )
    held.open()
    await first
    stage.expect((await keys()).length === 1, 'I17 a key was given back by somebody who did not hold it any more')
  },
}

const answersLate: Drill = {
  name: 'a request that answers after another one took its key over',
  play: async (stage) => {
    const paymentId = (await stage.pay(await stage.order('automatic'))) as PaymentId
    const { held, ask, keys } = standingStill(stage, paymentId, (id) => id)
    const first = ask(() => held.pass())
    await until(held.reached, first)
    await stage.till.endLeases()
    const second = await ask(async () => {})
    held.open()
    const late = await first
    const third = await ask(async () => {})
    stage.expect(late.body === second.body, `I17 one key has two answers: ${late.body} and ${second.body}`)
    stage.expect(third.body === second.body, `I17 one key changed its answer: ${third.body} and ${second.body}`)
    stage.expect((await keys())[0]?.leaseNumber === 2, 'I17 a takeover left no trace')
  },
}

const answersIntoAnothersHands: Drill = {
  name: 'a request that answers while another one works under its key',
  play: async (stage) => {
    const paymentId = (await stage.pay(await stage.order('automatic'))) as PaymentId
    const { held, ask, keys } = standingStill(stage, paymentId, () => 'between')
    const first = ask(() => held.pass()).catch((error: unknown) => error)
    await until(held.reached, first)
    await stage.rows(
      `update purser.idempotency_keys set leased_until = now() + interval '1 minute', lease_number = lease_number + 1
        where merchant_id = $1 and answer_status is null`,
      stage.till.merchantId,
    )
    held.open()
    const said = await first
    const isInFlight = said instanceof AppError && said.code === 'idempotency_in_flight'
    stage.expect(isInFlight, 'I17 who lost the key answered while another one works under it')
    stage.expect((await keys())[0]?.status === null, 'I17 who lost the key wrote its answer')
  },
}

export const LEASE_DRILLS: readonly Drill[] = [payment, refund, givesKeyBack, answersLate, answersIntoAnothersHands]
