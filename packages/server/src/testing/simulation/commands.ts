// Model-based commands over the domain's decisions: fast-check draws sequences of what may happen to one order and
// shrinks a sequence that breaks something. The model is a person's account of the same order: the highest totals that
// anybody told, and which refunds are under way.
import fc from 'fast-check'
import type { PaymentReport, ReportedRefundState } from '../../domain/payment/report.ts'
import { money } from '../../kernel/money.ts'
import { judge } from './judge.ts'
import { createDoor } from './memory-door.ts'
import type { Door } from './memory-door.ts'

const AMOUNT = 1_000n
const inr = (minor: bigint) => money(minor, 'INR')

export type Account = {
  attempts: { id: string; call: string; told: Set<string>; captured: bigint; open: boolean }[]
  refunds: { id: string; call: string; payment: number; amount: bigint; ended: boolean }[]
}

type Command = fc.Command<Account, Door>
export const counted = { commands: 0 }

const command = (
  name: string,
  ready: (account: Account) => boolean,
  run: (account: Account, door: Door) => void,
): Command => ({
  check: ready,
  run: (account, door) => {
    counted.commands += 1
    run(account, door)
    // These gateways say anything in any order, so that certainty may prove wrong.
    const books = { ...door.books(), toldWrong: new Set<string>() }
    const faults = [...judge(books), ...compare(account, door)]
    if (faults.length > 0) throw new Error(`after ${name}: ${faults.join('; ')}`)
  },
  toString: () => name,
})

/** What the account says of each attempt is what its record says. */
function compare(account: Account, door: Door): string[] {
  return account.attempts.flatMap(({ id, told, captured }) => {
    const payment = door.records.payment(id)
    const faults: string[] = []
    if (payment.amountCaptured.minor !== captured)
      faults.push(`${id} captured ${payment.amountCaptured.minor}, told ${captured}`)
    if (told.has('voided') && captured === 0n && payment.status !== 'voided')
      faults.push(`${id} is ${payment.status}, told voided`)
    if (told.has('unsure') && told.size === 1 && payment.status === 'failed')
      faults.push(`${id} failed without evidence`)
    return faults
  })
}

const REFUND_STATES = ['pending', 'review', 'succeeded', 'failed'] as const
const STATES = [
  'requires_action',
  'pending',
  'authorized',
  'captured',
  'declined',
  'voided',
  'canceled',
  'expired',
] as const

const pay = fc.constant(
  command(
    'pay',
    (account) => account.attempts.length < 6,
    (account, door) => {
      const started = door.startPayment('ord_1')
      // What is given back by itself keeps nobody from paying.
      const isBlocked = account.attempts.some(
        ({ id, captured, open, told }) =>
          (captured > 0n && !door.records.payment(id).duplicate) || (open && told.size === 0),
      )
      if (started !== undefined && isBlocked) throw new Error('an attempt starts beside another one')
      if (started === undefined) return
      const fresh = { told: new Set<string>(), captured: 0n, open: true }
      account.attempts.push({ ...fresh, id: started.payment.id, call: started.call.id })
    },
  ),
)

const tell = fc
  .record({
    state: fc.constantFrom(...STATES),
    at: fc.nat(5),
    part: fc.bigInt(1n, AMOUNT + 50n),
    final: fc.boolean(),
    byReply: fc.boolean(),
    currency: fc.constantFrom('INR', 'INR', 'INR', 'USD' as const),
    amount: fc.constantFrom(AMOUNT, AMOUNT, AMOUNT, AMOUNT + 1n),
  })
  .map(({ state, at, part, final, byReply, currency, amount }) =>
    command(
      `tell ${state} ${part} of ${amount} ${currency} about ${at}`,
      (account) => at < account.attempts.length,
      (account, door) => {
        const attempt = account.attempts[at]
        if (attempt === undefined) return
        const report = reportOf(attempt.id, state, { part, final, currency, amount })
        const wrong = currency !== 'INR' || amount !== AMOUNT
        const tooMuch = part > AMOUNT
        door.recordPayment(attempt.id, byReply ? attempt.call : null, { kind: 'report', report })
        if (wrong) return void attempt.told.add('unsure')
        if (state === 'captured' && !tooMuch && part > attempt.captured) attempt.captured = part
        attempt.told.add(state)
      },
    ),
  )

function reportOf(
  id: string,
  state: PaymentReport['state'],
  said: { part: bigint; final: boolean; currency: string; amount: bigint },
): PaymentReport {
  const currency = said.currency === 'USD' ? 'USD' : 'INR'
  const holds = state === 'authorized' || state === 'captured'
  return {
    gatewayPaymentId: `gp_${id}`,
    reference: id,
    amount: money(said.amount, currency),
    state,
    authorized: money(holds ? (state === 'captured' ? said.part : AMOUNT) : 0n, currency),
    captured: money(state === 'captured' ? said.part : 0n, currency),
    captureFinal: said.final,
    facts: {},
  }
}

const lose = fc.record({ at: fc.nat(5), kind: fc.constantFrom('unknown', 'absent' as const) }).map(({ at, kind }) =>
  command(
    `${kind} about ${at}`,
    (account) => at < account.attempts.length,
    (account, door) => {
      const attempt = account.attempts[at]
      if (attempt === undefined) return
      door.recordPayment(attempt.id, attempt.call, kind === 'unknown' ? { kind, reason: 'no_reply' } : { kind })
      attempt.told.add('unsure')
    },
  ),
)

const refund = fc.record({ at: fc.nat(5), amount: fc.bigInt(1n, AMOUNT + 50n) }).map(({ at, amount }) =>
  command(
    `refund ${amount} of ${at}`,
    (account) => at < account.attempts.length,
    (account, door) => {
      const attempt = account.attempts[at]
      if (attempt === undefined) return
      const { amountCaptured, amountRefunded, amountRefundPending } = door.records.payment(attempt.id)
      const left = amountCaptured.minor - amountRefunded.minor - amountRefundPending.minor
      const started = door.startRefund(attempt.id, inr(amount))
      if ((started !== undefined) !== (amount <= left && attempt.captured > 0n))
        throw new Error(`refund of ${amount} of ${left}`)
      if (started === undefined) return
      account.refunds.push({ id: started.refund.id, call: started.call.id, payment: at, amount, ended: false })
    },
  ),
)

const tellRefund = fc
  .record({
    at: fc.nat(9),
    state: fc.constantFrom<ReportedRefundState>(...REFUND_STATES),
    more: fc.constantFrom(0n, 0n, 0n, 1n),
  })
  .map(({ at, state, more }) =>
    command(
      `tell ${state} about refund ${at}`,
      (account) => at < account.refunds.length,
      (account, door) => {
        const made = account.refunds[at]
        const attempt = account.attempts[made?.payment ?? -1]
        if (made === undefined || attempt === undefined) return
        const report = {
          gatewayRefundId: `gr_${made.id}`,
          gatewayPaymentId: `gp_${attempt.id}`,
          reference: made.id,
          amount: inr(made.amount + more),
          state,
        }
        door.recordRefund(made.id, made.call, { kind: 'report', report })
      },
    ),
  )

const adopt = fc.record({ at: fc.nat(5), amount: fc.bigInt(1n, AMOUNT + 50n) }).map(({ at, amount }) =>
  command(
    `the gateway refunds ${amount} of ${at}`,
    (account) => (account.attempts[at]?.captured ?? 0n) > 0n,
    (account, door) => {
      const id = account.attempts[at]?.id ?? ''
      const report = {
        gatewayRefundId: `gr_made_${counted.commands}`,
        gatewayPaymentId: `gp_${id}`,
        reference: null,
        amount: inr(amount),
        state: 'pending',
      } as const
      const made = door.adoptRefund(id, report)
      if (made !== undefined) door.recordRefund(made.id, null, { kind: 'report', report })
    },
  ),
)

const end = fc.constantFrom('expire', 'cancel' as const).map((how) =>
  command(
    how,
    () => true,
    (_, door) => void (how === 'expire' ? door.expire('ord_1') : door.cancel('ord_1')),
  ),
)

export function everyCommand(most: number) {
  return fc.commands([pay, tell, tell, lose, refund, tellRefund, adopt, end], { maxCommands: most, size: 'max' })
}

export function freshOrder(
  lateSuccess: 'accept' | 'refund',
  capture: 'automatic' | 'manual',
): { model: Account; real: Door } {
  const real = createDoor(() => 1)
  real.records.insertOrder({ amount: inr(AMOUNT), capture, lateSuccess, expiresAt: new Date(0) })
  real.records.orders.set('ord_1', { ...real.records.order('ord_1'), expiresAt: new Date(2) })
  return { model: { attempts: [], refunds: [] }, real }
}
