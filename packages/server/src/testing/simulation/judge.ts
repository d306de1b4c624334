// The second judge: the invariants of money and state, written from their list and not from the code that keeps them.
// The first judge is SQL (store/verify); the two must agree. Nothing here imports a decision of the domain: totals,
// derived statuses and allowed moves are worked out anew.
import { orderIdOf } from '../../domain/payment/record.ts'
import type { BookOrder, BookPayment, BookPosting, BookRefund, Books } from './books.ts'

const RESERVES = new Set(['awaiting_approval', 'pending', 'unknown', 'review'])
const ALIVE = new Set(['created', 'requires_action', 'processing', 'unknown', 'authorized'])

// What a payment may become, told in ranks: evidence of money wins over everything that says there is none.
const RANK: Readonly<Record<string, number>> = {
  created: 0,
  requires_action: 1,
  processing: 1,
  unknown: 1,
  failed: 2,
  expired: 3,
  canceled: 4,
  declined: 5,
  authorized: 6,
  voided: 7,
  captured: 8,
}

/** Everything that does not hold; `null` for a payment's refunds where there are none. */
export function judge(books: Books): string[] {
  const faults: string[] = []
  const byOrder = groupBy(books.payments, orderIdOf)
  const byPayment = groupBy(books.refunds, (refund) => refund.paymentId)
  const postings = groupBy(books.postings, (posting) => posting.paymentId)
  for (const order of books.orders) judgeOrder(order, byOrder.get(order.id) ?? [], faults)
  for (const payment of books.payments) {
    judgePayment(payment, byPayment.get(payment.id) ?? [], faults)
    judgeLedger(payment, postings.get(payment.id) ?? [], faults)
  }
  judgeHistory(books, faults)
  judgeNames(books, faults)
  // Gateways of these worlds see a call within its grace, or never: certainty that proves wrong was none.
  for (const id of books.toldWrong) faults.push(`${id}: I10 was told failed without evidence`)
  return faults
}

/** I4, I11: derived status and totals, and one attempt of ours alive. */
export function judgeOrder(order: BookOrder, payments: readonly BookPayment[], faults: string[]): void {
  const counted = payments.filter((payment) => !payment.duplicate)
  const captured = total(counted.map((payment) => payment.amountCaptured.minor))
  const refunded = total(counted.map((payment) => payment.amountRefunded.minor))
  const say = (what: string) => faults.push(`${order.id}: ${what}`)
  if (order.amountCaptured.minor !== captured) say(`I4 captured ${order.amountCaptured.minor}, payments ${captured}`)
  if (order.amountRefunded.minor !== refunded) say(`I4 refunded ${order.amountRefunded.minor}, payments ${refunded}`)
  const isPaid = captured >= order.amount.minor
  if ((order.status === 'paid') !== isPaid) say(`I4 status ${order.status} with ${captured} of ${order.amount.minor}`)
  const hasAlive = counted.some((payment) => ALIVE.has(payment.status))
  const ended = order.status === 'expired' || order.status === 'canceled' || order.status === 'open'
  if (ended && (hasAlive || captured > 0n)) say(`I4 status ${order.status} beside money or a live attempt`)
  const alive = counted.filter((payment) => payment.origin === 'ours' && ALIVE.has(payment.status))
  if (alive.length > 1) say(`I11 ${alive.length} attempts alive: ${alive.map((payment) => payment.id).join(' ')}`)
  for (const payment of payments) {
    if (payment.amount.currency !== order.amount.currency) say(`I6 ${payment.id} is in ${payment.amount.currency}`)
  }
}

/** I5, I6: caps and totals. */
export function judgePayment(payment: BookPayment, refunds: readonly BookRefund[], faults: string[]): void {
  const say = (what: string) => faults.push(`${payment.id}: ${what}`)
  const { amount, amountAuthorized: held, amountCaptured: taken } = payment
  const [back, waiting, disputed] = [payment.amountRefunded, payment.amountRefundPending, payment.amountDisputed]
  for (const part of [held, taken, back, waiting, disputed]) {
    if (part.currency !== amount.currency) say(`I6 mixes ${part.currency} and ${amount.currency}`)
    if (part.minor < 0n) say('I5 has an amount below zero')
  }
  if (taken.minor > held.minor || held.minor > amount.minor) {
    say(`I5 captured ${taken.minor} of authorized ${held.minor} of ${amount.minor}`)
  }
  if (back.minor + waiting.minor + disputed.minor > taken.minor) {
    say(`I5 gave back ${back.minor} + ${waiting.minor} + ${disputed.minor} of ${taken.minor}`)
  }
  if (taken.minor > 0n !== (payment.status === 'captured')) say(`I5 is ${payment.status} with ${taken.minor} captured`)
  const reserved = total(refunds.filter((it) => RESERVES.has(it.status)).map((it) => it.amount.minor))
  const returned = total(refunds.filter((it) => it.status === 'succeeded').map((it) => it.amount.minor))
  if (reserved !== waiting.minor) say(`I5 reserves ${waiting.minor}, its refunds ${reserved}`)
  if (returned !== back.minor) say(`I5 refunded ${back.minor}, its refunds ${returned}`)
}

/** I1, I4: what the ledger says of a payment is what its row says. */
export function judgeLedger(payment: BookPayment, postings: readonly BookPosting[], faults: string[]): void {
  const say = (what: string) => faults.push(`${payment.id}: ${what}`)
  const balances = new Map<string, bigint>()
  judgeSettled(payment, postings, faults)
  for (const { debit, credit, amount, reason } of postings) {
    if (reason.startsWith('settlement')) continue
    if (amount.minor <= 0n || amount.currency !== payment.amount.currency) say('I6 has a posting of a wrong amount')
    balances.set(debit, (balances.get(debit) ?? 0n) + amount.minor)
    balances.set(credit, (balances.get(credit) ?? 0n) - amount.minor)
  }
  const balance = (account: string) => balances.get(account) ?? 0n
  const taken = payment.amountCaptured.minor
  const [back, waiting] = [payment.amountRefunded.minor, payment.amountRefundPending.minor]
  if (total([...balances.values()]) !== 0n) say('I1 postings do not sum to zero')
  const purse = payment.gatewayAccountId === null ? 'cash' : 'gateway_receivable'
  if (balance(purse) !== taken - back) say(`I1 ${purse} ${balance(purse)}`)
  if (balance('refunds_pending') !== -waiting) say(`I1 refunds pending ${balance('refunds_pending')}`)
  if (balance('sales_clearing') !== back + waiting - taken) say(`I1 sales ${balance('sales_clearing')}`)
}

/** I1: no more came to the bank than was taken, and no more was taken from it than went back. */
function judgeSettled(payment: BookPayment, postings: readonly BookPosting[], faults: string[]): void {
  const sum = (refunds: boolean) => {
    const own = postings.filter(({ reason }) => reason.startsWith('settlement'))
    return total(own.filter(({ reason }) => (reason === 'settlement_refund') === refunds).map((it) => it.amount.minor))
  }
  const [paid, taken] = [sum(false), sum(true)]
  if (paid > payment.amountCaptured.minor) faults.push(`${payment.id}: I1 settled ${paid} and captured less`)
  if (taken > payment.amountRefunded.minor)
    faults.push(`${payment.id}: I1 settled ${taken} of refunds and refunded less`)
}

/** I9: the history is a chain that never goes down in rank, a lapsed hold apart. */
function judgeHistory(books: Books, faults: string[]): void {
  const last = new Map<string, string>()
  for (const { paymentId, from, to } of books.history) {
    const before = last.get(paymentId) ?? null
    if (from !== before) faults.push(`${paymentId}: I9 history goes on from ${from}, it was at ${before}`)
    const down = from !== null && (RANK[to] ?? 0) < (RANK[from] ?? 0)
    if (down && !(from === 'authorized' && to === 'expired')) faults.push(`${paymentId}: I9 went from ${from} to ${to}`)
    last.set(paymentId, to)
  }
  for (const payment of books.payments) {
    const at = last.get(payment.id)
    if (at !== payment.status) faults.push(`${payment.id}: I9 is ${payment.status}, its history ends at ${at}`)
  }
}

/** I3: one gateway object, one row of ours. */
function judgeNames(books: Books, faults: string[]): void {
  const twice = (names: readonly (string | null)[], what: string) => {
    const known = new Set<string>()
    for (const name of names) {
      if (name === null) continue
      if (known.has(name)) faults.push(`${name}: I3 stands for two ${what}`)
      known.add(name)
    }
  }
  twice(
    books.payments.map((payment) => payment.gatewayPaymentId),
    'payments',
  )
  twice(
    books.refunds.map((refund) => refund.gatewayRefundId),
    'refunds',
  )
}

const total = (parts: readonly bigint[]) => parts.reduce((sum, part) => sum + part, 0n)

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
