// A receipt says once and for all what was paid; a refund voucher, what was given back. What it says is a snapshot
// taken when it is first issued and never touched again: the order's description may change tomorrow, the receipt may
// not. What happened since (refunded, canceled, ...) are overlays: worked out when it is read, dated, never stored in
// it.
import type { PaymentMethod } from '../payment/method.ts'
import type { RefundReason, RefundWay } from '../refund/refund.ts'
import type { MerchantId, Mode, OrderId, PaymentId, ReceiptId, RefundId } from '../../kernel/ids.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import type { TaxBlock } from './tax.ts'

export const RECEIPT_KINDS = ['receipt', 'refund_voucher'] as const
export type ReceiptKind = (typeof RECEIPT_KINDS)[number]

export type Receipt = {
  readonly id: ReceiptId
  readonly kind: ReceiptKind
  /** At most 16 characters, without gaps: `R/26-27/000001`. */
  readonly number: string
  readonly paymentId: PaymentId
  /** Of a refund voucher. */
  readonly refundId: RefundId | null
  readonly issuedAt: Date
  readonly snapshot: ReceiptSnapshot
}

/** JSON values only: instants as text in UTC, days as YYYY-MM-DD in the merchant's zone. */
export type ReceiptSnapshot = {
  /** The shape of this object. A new one gets a new number; old ones stay readable. */
  readonly form: 1
  readonly kind: ReceiptKind
  readonly number: string
  readonly mode: Mode
  readonly zone: string
  readonly issuedAt: string
  readonly issuedOn: string
  readonly paidAt: string
  readonly paidOn: string
  readonly merchant: { readonly id: MerchantId; readonly name: string }
  readonly payer: { readonly name: string | null; readonly email: string | null; readonly phone: string | null }
  /** Null for money on account. */
  readonly order: { readonly id: OrderId; readonly reference: string; readonly description: string } | null
  /** Of money on account: what it had been allocated to when this was issued. */
  readonly appliedTo?: readonly AppliedPart[]
  readonly payment: {
    readonly id: PaymentId
    readonly method: PaymentMethod
    readonly network: string | null
    readonly lastFour: string | null
    readonly bank: string | null
    /** RRN of a card or UPI payment, UTR of a transfer. */
    readonly rrn: string | null
    /** A day as YYYY-MM-DD. `cleared`: whether its bank had honoured it when this was issued. */
    readonly cheque?: { readonly number: string; readonly date: string; readonly cleared: boolean }
  }
  /** Of a refund voucher. */
  readonly refund: RefundPart | null
  /** Minor units, as digits. */
  readonly amount: string
  readonly currency: Currency
  /** For people: `₹1,23,456.78`. */
  readonly amountText: string
  readonly amountInWords: string
  readonly tax: TaxBlock | null
}

export type AppliedPart = {
  readonly kind: 'order' | 'invoice'
  readonly reference: string
  readonly amountText: string
}

export type RefundPart = {
  readonly id: RefundId
  readonly reason: RefundReason
  readonly refundedAt: string
  readonly refundedOn: string
  /** Acquirer reference number. */
  readonly arn: string | null
  /** Paid out by hand. */
  readonly way?: RefundWay
  readonly wayReference?: string | null
  /** The receipt of the payment, if one had been issued by then. */
  readonly receipt: { readonly number: string; readonly issuedOn: string } | null
}

export type Overlay =
  /** The order had been paid already; this payment is given back. */
  | { readonly kind: 'duplicate'; readonly at: Date }
  | {
      readonly kind: 'refunded'
      readonly at: Date
      readonly amount: Money
      readonly refundId: RefundId
      readonly voucherNumber: string | null
    }
  | { readonly kind: 'canceled'; readonly at: Date }
  /** Recorded in error, or the bank returned the cheque: the money is not there. */
  | { readonly kind: 'reversed'; readonly at: Date; readonly bounced: boolean }
  /** More of the same payment was captured after the receipt was issued; `amount` is the total now. */
  | { readonly kind: 'captured_further'; readonly at: Date; readonly amount: Money }

/** A receipt and what happened since, oldest first. */
export type IssuedReceipt = { readonly receipt: Receipt; readonly overlays: readonly Overlay[] }
