// Our book against the gateway's own: the same objects, amounts and outcomes on both sides. Only meaningful once
// nothing is on its way; what still has an open call is counted and left alone. A difference is shown, never mended.
import type { OurPayment, OurRefund } from '../store/verify/our-book.ts'

/** A gateway's book of one of our accounts, read through its API. Statuses are the sandbox gateway's words. */
export type GatewayBook = {
  readonly gatewayAccountId: string
  read(): AsyncIterable<TheirPayment>
}

export type TheirPayment = {
  readonly id: string
  readonly reference: string
  readonly status: string
  readonly currency: string
  readonly amountMinor: bigint
  readonly heldMinor: bigint
  readonly paidMinor: bigint
  readonly returnedMinor: bigint
  readonly refunds: readonly TheirRefund[]
  readonly disputes?: readonly TheirDispute[]
}

export type TheirDispute = { readonly id: string; readonly status: string; readonly amountMinor: bigint }

export type TheirRefund = {
  readonly id: string
  readonly reference: string
  readonly status: string
  readonly amountMinor: bigint
}

export type Difference = { readonly invariant: 'I3' | 'I7'; readonly object: string; readonly what: string }

// What the other book may say of a payment of ours that is settled. `absent`: it may have no entry.
const PAYMENT_WORDS: Readonly<Record<string, readonly string[]>> = {
  captured: ['PAID', 'PART_PAID'],
  authorized: ['HELD'],
  voided: ['RELEASED'],
  declined: ['REJECTED', 'absent'],
  canceled: ['CANCELLED'],
  expired: ['LAPSED', 'absent'],
  failed: ['absent'],
}
const REFUND_WORDS: Readonly<Record<string, readonly string[]>> = {
  succeeded: ['RETURNED'],
  failed: ['FAILED', 'absent'],
  pending: ['PROCESSING', 'ON_REVIEW'],
  review: ['ON_REVIEW', 'PROCESSING'],
  // What waits for a second person was not sent, and what was rejected never is.
  awaiting_approval: ['absent'],
  rejected: ['absent'],
}

const DISPUTE_WORDS: Readonly<Record<string, readonly string[]>> = {
  open: ['NEEDS_ANSWER'],
  expired: ['NEEDS_ANSWER'],
  under_review: ['IN_REVIEW'],
  accepted: ['CONCEDED'],
  won: ['WON'],
  lost: ['LOST'],
}

export type Comparison = {
  readonly differences: readonly Difference[]
  readonly compared: number
  /** Left alone: a call about it has no outcome. */
  readonly open: number
}

export async function compareBooks(ours: AsyncIterable<OurPayment>, book: GatewayBook): Promise<Comparison> {
  const theirs = new Map<string, TheirPayment[]>()
  for await (const payment of book.read()) {
    const same = theirs.get(payment.reference)
    if (same === undefined) theirs.set(payment.reference, [payment])
    else same.push(payment)
  }
  const differences: Difference[] = []
  for (const [reference, payments] of theirs) differences.push(...chargedTwice(reference, payments))
  let compared = 0
  let open = 0
  for await (const payment of ours) {
    const entries = theirs.get(payment.reference) ?? []
    theirs.delete(payment.reference)
    if (payment.isOpen) {
      open += 1
      continue
    }
    compared += 1
    const their = entries.find((entry) => entry.id === payment.gatewayPaymentId) ?? entries[0]
    differences.push(...comparePayment(payment, their))
  }
  for (const [reference, payments] of theirs) {
    const what = `the gateway has ${payments.map((entry) => `${entry.id} ${entry.status}`).join(', ')}; we have nothing`
    differences.push({ invariant: 'I7', object: reference, what })
  }
  return { differences, compared, open }
}

function chargedTwice(reference: string, payments: readonly TheirPayment[]): readonly Difference[] {
  const charged = payments.filter((entry) => entry.paidMinor > 0n)
  if (charged.length < 2) return []
  const what = `charged ${charged.length} times: ${charged.map((entry) => entry.id).join(', ')}`
  return [{ invariant: 'I3', object: reference, what }]
}

function comparePayment(our: OurPayment, their: TheirPayment | undefined): readonly Difference[] {
  const differ = (what: string): Difference => ({ invariant: 'I7', object: our.id, what })
  const differences: Difference[] = []
  const word = their?.status ?? 'absent'
  // A person was already told that the two contradict each other about its outcome.
  if (!our.hasConflict && !(PAYMENT_WORDS[our.status] ?? []).includes(word)) {
    differences.push(differ(`we say ${our.status}, the gateway says ${word}`))
  }
  if (their === undefined) return differences
  const pairs: readonly (readonly [string, string | bigint | null, string | bigint])[] = [
    ['id', our.gatewayPaymentId ?? their.id, their.id],
    ['currency', our.currency, their.currency],
    ['amount', our.amountMinor, their.amountMinor],
    ['captured', our.capturedMinor, their.paidMinor],
    ['refunded', our.refundedMinor, their.returnedMinor],
  ]
  for (const [name, mine, other] of pairs) {
    if (mine !== other && !(our.hasConflict && name === 'captured')) {
      differences.push(differ(`${name}: we say ${mine}, the gateway says ${other}`))
    }
  }
  return [...differences, ...compareRefunds(our, their), ...compareDisputes(our, their)]
}

function compareRefunds(our: OurPayment, their: TheirPayment): readonly Difference[] {
  const differ = (object: string, what: string): Difference => ({ invariant: 'I7', object, what })
  const differences: Difference[] = []
  const left = new Map(their.refunds.map((refund) => [refund.id, refund]))
  for (const refund of our.refunds) {
    const other = findRefund(refund, their.refunds)
    if (other !== undefined) left.delete(other.id)
    const word = other?.status ?? 'absent'
    if (!(REFUND_WORDS[refund.status] ?? []).includes(word)) {
      differences.push(differ(refund.id, `we say ${refund.status}, the gateway says ${word}`))
    }
    if (other !== undefined && other.amountMinor !== refund.amountMinor) {
      differences.push(differ(refund.id, `amount: we say ${refund.amountMinor}, the gateway says ${other.amountMinor}`))
    }
  }
  for (const refund of left.values()) {
    if (refund.status === 'FAILED' || our.hasConflict) continue
    differences.push(
      differ(our.id, `the gateway has ${refund.id} ${refund.status} of ${refund.amountMinor}; we do not`),
    )
  }
  return differences
}

function compareDisputes(our: OurPayment, their: TheirPayment): readonly Difference[] {
  const differ = (object: string, what: string): Difference => ({ invariant: 'I7', object, what })
  const differences: Difference[] = []
  const left = new Map((their.disputes ?? []).map((dispute) => [dispute.id, dispute]))
  for (const dispute of our.disputes) {
    const other = left.get(dispute.gatewayDisputeId)
    left.delete(dispute.gatewayDisputeId)
    const word = other?.status ?? 'absent'
    if (!(DISPUTE_WORDS[dispute.status] ?? []).includes(word)) {
      differences.push(differ(dispute.id, `we say ${dispute.status}, the gateway says ${word}`))
    }
    if (other !== undefined && other.amountMinor !== dispute.amountMinor) {
      differences.push(
        differ(dispute.id, `amount: we say ${dispute.amountMinor}, the gateway says ${other.amountMinor}`),
      )
    }
  }
  for (const other of left.values()) {
    differences.push(differ(our.id, `the gateway has ${other.id} ${other.status} of ${other.amountMinor}; we do not`))
  }
  return differences
}

function findRefund(refund: OurRefund, theirs: readonly TheirRefund[]): TheirRefund | undefined {
  return (
    theirs.find((other) => other.id === refund.gatewayRefundId) ??
    theirs.find((other) => other.reference === refund.reference)
  )
}
