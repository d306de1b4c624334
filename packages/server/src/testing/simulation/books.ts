// What Purser has written down, as plain records, however it was kept: the memory of a simulation or rows of Postgres.
// The judge (judge.ts) sees nothing else, so one judge serves both.
import type { Order } from '../../domain/order/order.ts'
import type { Posting } from '../../domain/ledger/posting.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'

export type BookOrder = Pick<
  Order,
  | 'id'
  | 'amount'
  | 'status'
  | 'capture'
  | 'lateSuccess'
  | 'amountCaptured'
  | 'amountRefunded'
  | 'expiresAt'
  | 'expiredAt'
  | 'canceledAt'
  | 'paidAt'
>

export type BookPayment = Pick<
  PaymentRecord,
  | 'id'
  | 'orderId'
  | 'origin'
  | 'reference'
  | 'gatewayAccountId'
  | 'gatewayPaymentId'
  | 'status'
  | 'amount'
  | 'amountAuthorized'
  | 'amountCaptured'
  | 'captureFinal'
  | 'amountRefunded'
  | 'amountRefundPending'
  | 'amountDisputed'
  | 'duplicate'
>

export type BookRefund = Pick<
  RefundRecord,
  'id' | 'paymentId' | 'reference' | 'gatewayRefundId' | 'status' | 'amount' | 'automatic'
>

export type BookPosting = Posting & { readonly paymentId: string; readonly refundId: string | null }

export type BookCall = {
  readonly id: string
  readonly paymentId: string
  readonly refundId: string | null
  readonly kind: 'authorize' | 'capture' | 'void' | 'refund'
  readonly escalated: boolean
}

export type BookChange = { readonly paymentId: string; readonly from: string | null; readonly to: string }

export type Books = {
  readonly orders: readonly BookOrder[]
  readonly payments: readonly BookPayment[]
  readonly refunds: readonly BookRefund[]
  readonly postings: readonly BookPosting[]
  readonly openCalls: readonly BookCall[]
  /** In the order in which they were written, per payment. */
  readonly history: readonly BookChange[]
  /** Payments with a contradiction that leaves a difference, which a person is shown. */
  readonly conflicted: ReadonlySet<string>
  /** Payments of which we were certain that nothing happened, or that a refund of them had failed, and were wrong. */
  readonly toldWrong: ReadonlySet<string>
}
