// What happened to a payment since its receipt was issued, from the records as they are now. A voucher has none: a
// refund that succeeded is final.
import { isGreater, money } from '../../kernel/money.ts'
import type { Order } from '../order/order.ts'
import type { PaymentRecord, PaymentTransitionRecord } from '../payment/record.ts'
import type { RefundRecord } from '../refund/refund.ts'
import type { Overlay, Receipt } from './receipt.ts'

export type Aftermath = {
  /** Null for money on account. */
  readonly order: Order | null
  /** Of an offline payment that was reversed or bounced. */
  readonly reversal: { readonly at: Date; readonly bounced: boolean } | null
  readonly payment: PaymentRecord
  readonly refunds: readonly RefundRecord[]
  /** Receipts and vouchers of the payment. */
  readonly issued: readonly Receipt[]
  readonly transitions: readonly PaymentTransitionRecord[]
}

/** Oldest first. */
export function overlaysOf(receipt: Receipt, aftermath: Aftermath): readonly Overlay[] {
  if (receipt.kind === 'refund_voucher') return []
  const { order, payment, reversal } = aftermath
  const overlays: Overlay[] = [...capturedFurther(receipt, aftermath), ...refunded(aftermath)]
  if (payment.duplicate && payment.capturedAt !== null) overlays.push({ kind: 'duplicate', at: payment.capturedAt })
  if (reversal !== null) overlays.push({ kind: 'reversed', ...reversal })
  if (order !== null && order.canceledAt !== null) overlays.push({ kind: 'canceled', at: order.canceledAt })
  return overlays.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function refunded({ refunds, issued }: Aftermath): Overlay[] {
  return refunds.flatMap((refund) => {
    if (refund.status !== 'succeeded' || refund.succeededAt === null) return []
    const voucher = issued.find((other) => other.kind === 'refund_voucher' && other.refundId === refund.id)
    return {
      kind: 'refunded' as const,
      at: refund.succeededAt,
      amount: refund.amount,
      refundId: refund.id,
      voucherNumber: voucher?.number ?? null,
    }
  })
}

function capturedFurther({ snapshot }: Receipt, { payment, transitions }: Aftermath): Overlay[] {
  const said = money(BigInt(snapshot.amount), snapshot.currency)
  if (!isGreater(payment.amountCaptured, said)) return []
  const last = transitions.filter(({ event }) => event === 'captured').at(-1)
  return [{ kind: 'captured_further', at: last?.at ?? payment.updatedAt, amount: payment.amountCaptured }]
}
