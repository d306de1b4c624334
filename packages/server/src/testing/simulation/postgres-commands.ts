// Model-based commands on Postgres: fast-check draws what merchant, bank and gateway do to one order, in sequences that
// it can shrink. The model is the gateway's own book; after everything was told, ours must be the same.
import fc from 'fast-check'
import { applyDueNotifications } from '../../jobs/apply-notifications.ts'
import { syncDueOperations } from '../../jobs/sync-operations.ts'
import { AppError } from '../../kernel/errors.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { cancelOrder } from '../../operations/cancel-order.ts'
import { capturePayment } from '../../operations/capture-payment.ts'
import { createOrder } from '../../operations/create-order.ts'
import { getOrder } from '../../operations/queries.ts'
import { receiveNotification } from '../../operations/receive-notification.ts'
import { refundPayment } from '../../operations/refund-payment.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { voidPayment } from '../../operations/void-payment.ts'
import type { TestDatabase } from '../open-database.ts'
import { createGatewayModel } from './gateway-model.ts'
import type { GatewayModel, Outcome, Snapshot } from './gateway-model.ts'
import { actOn, notificationOf } from './gateway-wire.ts'
import { judge } from './judge.ts'
import { readBooks } from './postgres-books.ts'
import { seededChance } from './seeded-chance.ts'
import { openTill } from './till.ts'
import type { Till } from './till.ts'
import { compareWithGateway } from './truth.ts'

const AMOUNT = 1_000n
const CARD = { method: 'card', token: 'tok_approve' } as const

export type Bench = {
  readonly till: Till
  readonly gateway: GatewayModel
  readonly outbox: { eventId: string; snapshot: Snapshot }[]
  readonly orderId: OrderId
  wire: { outcome: Outcome; isLost: boolean }
}

type Command = fc.AsyncCommand<object, Bench>
export const counted = { commands: 0 }

/** A refusal of ours is an answer. Anything else that is thrown is a fault. */
const command = (name: string, run: (bench: Bench) => Promise<unknown>): Command => ({
  check: () => true,
  run: async (_, bench) => {
    counted.commands += 1
    try {
      await run(bench)
    } catch (error) {
      if (!(error instanceof AppError) || (error.status >= 500 && error.code !== 'gateway_unavailable')) throw error
    }
  },
  toString: () => name,
})

const part = fc.bigInt(1n, AMOUNT + 50n)
const at = fc.nat(3)
const wire = fc.record({
  outcome: fc.constantFrom<Outcome>('approve', 'approve', 'reject', 'action', 'pending'),
  isLost: fc.boolean(),
})

async function attempt(bench: Bench, index: number) {
  const { payments } = await getOrder(bench.till.deps, bench.till.actor, bench.orderId)
  const found = payments[index % Math.max(1, payments.length)]
  if (found === undefined) throw new AppError('payment_not_found')
  return found
}

const pay = wire.map((how) =>
  command(`pay ${how.outcome}${how.isLost ? ', lost' : ''}`, async (bench) => {
    bench.wire = how
    await startPayment(bench.till.deps, bench.till.actor, { orderId: bench.orderId, instrument: CARD })
  }),
)
const follow = fc.record({ at, part, isWhole: fc.boolean(), final: fc.boolean(), isLost: fc.boolean() }).map((how) =>
  command(`capture ${how.part} of ${how.at}`, async (bench) => {
    bench.wire = { ...bench.wire, isLost: how.isLost }
    const { id } = await attempt(bench, how.at)
    const amount = how.isWhole ? {} : { amount: money(how.part, 'INR') }
    await capturePayment(bench.till.deps, bench.till.actor, { paymentId: id, final: how.final, ...amount })
  }),
)
const release = at.map((index) =>
  command(`void ${index}`, async (bench) => {
    await voidPayment(bench.till.deps, bench.till.actor, { paymentId: (await attempt(bench, index)).id })
  }),
)
const refund = fc.record({ at, part, isLost: fc.boolean() }).map((how) =>
  command(`refund ${how.part} of ${how.at}`, async (bench) => {
    bench.wire = { ...bench.wire, isLost: how.isLost }
    const { id } = await attempt(bench, how.at)
    const amount = money(how.part, 'INR')
    await refundPayment(bench.till.deps, bench.till.actor, { paymentId: id, amount, reason: 'other' })
  }),
)
const bank = fc
  .record({ at, ending: fc.constantFrom('approve', 'reject', 'cancel', 'lapse', 'after all', 'refund' as const), part })
  .map(({ at: index, ending, part: minor }) =>
    command(`the bank: ${ending} ${index}`, async ({ gateway }) => {
      const all = [...gateway.payments.keys()]
      const id = all[index % Math.max(1, all.length)]
      if (id === undefined) return
      if (ending === 'after all') gateway.payAfterAll(id)
      else if (ending === 'refund') gateway.refund({ paymentId: id, reference: null, amount: minor })
      else gateway.settle(id, ending)
    }),
  )
const bankRefund = fc.record({ at, state: fc.constantFrom('RETURNED', 'FAILED', 'ON_REVIEW' as const) }).map((how) =>
  command(`the bank: refund ${how.at} ${how.state}`, async ({ gateway }) => {
    const all = [...gateway.refunds.keys()]
    const id = all[how.at % Math.max(1, all.length)]
    if (id !== undefined) gateway.settleRefund(id, how.state)
  }),
)
const notify = fc.boolean().map((reversed) =>
  command(`notifications${reversed ? ' in reverse' : ''}`, async (bench) => {
    await hear(bench, reversed)
  }),
)
const ask = fc.constantFrom(15, 120, 7_200).map((seconds) =>
  command(`${seconds} s pass`, async ({ till }) => {
    await till.advance(seconds)
    await syncDueOperations(till.deps, 10)
  }),
)
const cancel = fc.constant(
  command('cancel', (bench) => cancelOrder(bench.till.deps, bench.till.actor, { orderId: bench.orderId })),
)

async function hear(bench: Bench, reversed: boolean): Promise<void> {
  const { till, outbox, gateway } = bench
  const messages = outbox.splice(0)
  for (const message of reversed ? messages.toReversed() : messages) {
    const raw = notificationOf(gateway, { ...message, secret: till.secret, now: till.deps.clock.now() })
    await receiveNotification(till.deps, { gatewayAccountId: till.accountId, raw })
    await applyDueNotifications(till.deps, 10)
  }
}

export function everyCommand(most: number) {
  const all = [pay, pay, follow, release, refund, refund, bank, bankRefund, notify, ask, cancel]
  return fc.commands(all, { maxCommands: most, size: 'max' })
}

export async function openBench(db: TestDatabase, seed: number, capture: 'automatic' | 'manual'): Promise<Bench> {
  const outbox: Bench['outbox'] = []
  let events = 0
  const prefix = `c${counted.commands}_`
  const gateway = createGatewayModel((snapshot) => {
    events += 1
    outbox.push({ eventId: `sbn_${prefix}${events}`, snapshot })
  }, prefix)
  const till = await openTill(db, seededChance(seed), async (_, request) => {
    const { outcome, isLost } = bench.wire
    const answer = actOn(gateway, request, () => outcome)
    return isLost && request.method === 'POST' ? { kind: 'no_reply', reason: 'timeout' } : answer
  })
  const amount = money(AMOUNT, 'INR')
  const order = await createOrder(till.deps, till.actor, { reference: 'bench', amount, capture })
  const bench: Bench = { till, gateway, outbox, orderId: order.id, wire: { outcome: 'approve', isLost: false } }
  return bench
}

/** Everything is told and asked; then both books are compared. */
export async function judgeBench(bench: Bench): Promise<string[]> {
  const { till, gateway } = bench
  bench.wire = { ...bench.wire, isLost: false }
  for (let days = 0; days < 3; days += 1) {
    for (const { id, status } of gateway.payments.values()) {
      if (status === 'ACTION_NEEDED' || status === 'PENDING') gateway.settle(id, 'reject')
    }
    for (const { id } of gateway.refunds.values()) gateway.settleRefund(id, 'RETURNED')
    await hear(bench, false)
    for (let worked = 1; worked > 0; ) {
      worked = (await applyDueNotifications(till.deps, 50)) + (await syncDueOperations(till.deps, 20))
    }
    await till.advance(86_400)
  }
  const books = await readBooks(till.db.pools.owner, till.merchantId)
  const faults = [...judge(books), ...compareWithGateway(books, gateway), ...till.errors]
  await till.close()
  return faults
}
