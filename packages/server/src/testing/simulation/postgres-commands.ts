// Model-based commands on Postgres: fast-check draws what merchant, bank and gateway do to a few orders, in sequences
// that it can shrink. The model is the gateway's own book; after everything was told, ours must be the same.
import fc from 'fast-check'
import { applyDueNotifications } from '../../jobs/apply-notifications.ts'
import { syncDueOperations } from '../../jobs/sync-operations.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { cancelOrder } from '../../operations/cancel-order.ts'
import { capturePayment } from '../../operations/capture-payment.ts'
import { createOrder } from '../../operations/create-order.ts'
import { receiveNotification } from '../../operations/receive-notification.ts'
import { refundPayment } from '../../operations/refund-payment.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { voidPayment } from '../../operations/void-payment.ts'
import type { TestDatabase } from '../open-database.ts'
import { AMOUNT, attempt, command, counted, orderAt } from './bench.ts'
import type { Bench } from './bench.ts'
import { FURTHER_COMMANDS, paidOut } from './bench-commands.ts'
import { openCounter } from './counter.ts'
import { createGatewayModel } from './gateway-model.ts'
import type { Outcome } from './gateway-model.ts'
import { notificationOf } from './gateway-wire.ts'
import { judge } from './judge.ts'
import { readBooks } from './postgres-books.ts'
import { registerMandate } from './register-mandate.ts'
import { seededChance } from './seeded-chance.ts'
import { openTill } from './till.ts'
import { compareWithGateway } from './truth.ts'

const CARD = { method: 'card', token: 'tok_approve' } as const

const part = fc.bigInt(1n, AMOUNT + 50n)
const at = fc.nat(3)
const wire = fc.record({
  outcome: fc.constantFrom<Outcome>('approve', 'approve', 'reject', 'action', 'pending'),
  isLost: fc.boolean(),
})

const pay = fc.record({ at, how: wire }).map(({ at: index, how }) =>
  command('pay', `pay ${how.outcome}${how.isLost ? ', lost' : ''}`, async (bench) => {
    bench.wire = how
    await startPayment(bench.till.deps, bench.till.actor, { orderId: orderAt(bench, index), instrument: CARD })
  }),
)
const follow = fc.record({ at, part, isWhole: fc.boolean(), final: fc.boolean(), isLost: fc.boolean() }).map((how) =>
  command('capture', `capture ${how.part} of ${how.at}`, async (bench) => {
    bench.wire = { ...bench.wire, isLost: how.isLost }
    const { id } = await attempt(bench, how.at, 'authorized')
    const amount = how.isWhole ? {} : { amount: money(how.part, 'INR') }
    await capturePayment(bench.till.deps, bench.till.actor, { paymentId: id, final: how.final, ...amount })
  }),
)
const release = at.map((index) =>
  command('void', `void ${index}`, async (bench) => {
    await voidPayment(bench.till.deps, bench.till.actor, { paymentId: (await attempt(bench, index, 'authorized')).id })
  }),
)
const refund = fc.record({ at, part, isLost: fc.boolean() }).map((how) =>
  command('refund', `refund ${how.part} of ${how.at}`, async (bench) => {
    bench.wire = { ...bench.wire, isLost: how.isLost }
    const { id } = await attempt(bench, how.at, 'captured')
    const amount = money(how.part, 'INR')
    await refundPayment(bench.till.deps, bench.till.actor, { paymentId: id, amount, reason: 'other' })
  }),
)
const bank = fc
  .record({ at, ending: fc.constantFrom('approve', 'reject', 'cancel', 'lapse', 'after all', 'refund' as const), part })
  .map(({ at: index, ending, part: minor }) =>
    command('bank', `the bank: ${ending} ${index}`, async ({ gateway }) => {
      const all = [...gateway.payments.keys()]
      const id = all[index % Math.max(1, all.length)]
      if (id === undefined) return
      if (ending === 'after all') gateway.payAfterAll(id)
      else if (ending === 'refund') gateway.refund({ paymentId: id, reference: null, amount: minor })
      else gateway.settle(id, ending)
    }),
  )
const bankRefund = fc.record({ at, state: fc.constantFrom('RETURNED', 'FAILED', 'ON_REVIEW' as const) }).map((how) =>
  command('bank', `the bank: refund ${how.at} ${how.state}`, async ({ gateway }) => {
    const all = [...gateway.refunds.keys()]
    const id = all[how.at % Math.max(1, all.length)]
    if (id !== undefined) gateway.settleRefund(id, how.state)
  }),
)
const notify = fc.boolean().map((reversed) =>
  command('notification', `notifications${reversed ? ' in reverse' : ''}`, async (bench) => {
    await hear(bench, reversed)
  }),
)
const ask = fc.constantFrom(15, 120, 7_200).map((seconds) =>
  command('question', `${seconds} s pass`, async ({ till }) => {
    await till.advance(seconds)
    await syncDueOperations(till.deps, 10)
  }),
)
const cancel = at.map((index) =>
  command('cancel', `cancel ${index}`, (bench) =>
    cancelOrder(bench.till.deps, bench.till.actor, { orderId: orderAt(bench, index) }),
  ),
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
  const usual = [pay, pay, follow, release, refund, refund, bank, bankRefund, notify, ask, cancel]
  const all = [...usual, ...FURTHER_COMMANDS]
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
  const counter = openCounter(gateway, prefix)
  const wire: { now: Bench['wire'] } = { now: { outcome: 'approve', isLost: false } }
  const till = await openTill(db, seededChance(seed), async (_, request) => {
    const { outcome, isLost, isSilent = false } = wire.now
    if (isSilent) return { kind: 'no_reply', reason: 'timeout' }
    const answer = counter.act(request, () => outcome)
    return isLost && request.method === 'POST' ? { kind: 'no_reply', reason: 'timeout' } : answer
  })
  const amount = money(AMOUNT, 'INR')
  const orderIds: OrderId[] = []
  for (const [at, how] of [capture, 'manual', 'manual', 'automatic'].entries()) {
    const order = { reference: `bench-${at}`, amount, capture: how === 'manual' ? how : capture } as const
    orderIds.push((await createOrder(till.deps, till.actor, order)).id)
  }
  const mandateId = await registerMandate(till.deps, till.actor, amount)
  return {
    till,
    gateway,
    counter,
    outbox,
    orderIds,
    mandateId,
    get wire() {
      return wire.now
    },
    set wire(next) {
      wire.now = next
    },
  }
}

/** Everything is told and asked; then both books are compared. */
export async function judgeBench(bench: Bench): Promise<string[]> {
  const { till, gateway } = bench
  bench.wire = { ...bench.wire, isLost: false, isSilent: false }
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
  await paidOut(bench)
  const books = await readBooks(till.db.pools.owner, till.merchantId)
  const faults = [...judge(books), ...compareWithGateway(books, gateway), ...till.errors]
  await till.close()
  return faults
}
