// Which events exist, and the body that a receiver gets: Standard Webhooks' `{ type, timestamp, data }`. The object in
// `data` carries its version, so a receiver can put events of one object in order whatever the network did.
import type { PaymentStatus } from '../payment/states.ts'
import type { RefundStatus } from '../refund/states.ts'
import type { MandateJson, NoticeJson } from '../mandate/json.ts'
import type { DisputeJson } from '../dispute/json.ts'
import type { DisputeStatus } from '../dispute/states.ts'
import type { BreakJson } from '../settlement/json.ts'
import type { AllocationJson, OfflinePaymentJson } from '../offline/json.ts'
import type { OrderJson, PaymentJson, RefundJson } from './objects.ts'

export const EVENT_TYPES = {
  'order.created': 'An order was created.',
  'order.updated': 'What is to be paid, or something about it, was changed.',
  'order.processing': 'A payment attempt is under way.',
  'order.authorized': 'A payment holds the money.',
  'order.partially_paid': 'A part of the amount was captured.',
  'order.paid': 'Captured money reached the amount.',
  'order.reopened': 'The last attempt ended without money; the order can be paid again.',
  'order.expired': 'The order ran out without being paid.',
  'order.canceled': 'The order was canceled.',
  'order.awaiting_collection': 'Cash is to be collected.',
  'payment.requires_action': 'The payer has to take a step.',
  'payment.processing': 'The gateway is working on it.',
  'payment.unknown': 'The outcome is not known; Purser is asking the gateway.',
  'payment.failed': 'Certainly nothing happened.',
  'payment.expired': 'The attempt ran out.',
  'payment.canceled': 'The attempt was canceled.',
  'payment.declined': 'The issuer or the gateway said no.',
  'payment.authorized': 'The money is held.',
  'payment.voided': 'The hold was given back.',
  'payment.captured': 'Money was captured; amount_captured is the total.',
  'payment.capture_failed': 'A capture was refused or came too late; status tells how the payment stands.',
  'payment.void_failed': 'A void was refused; the money is still held.',
  'payment.conflict': 'A gateway said something that contradicts what is known. A person should look.',
  'refund.awaiting_approval': 'A refund was asked for; a second person has to approve it before it is sent.',
  'refund.rejected': 'A second person rejected the refund; its amount can be refunded again.',
  'refund.pending': 'A refund was asked for, or approved, and is on its way.',
  'refund.unknown': 'The outcome of the refund is not known; Purser is asking the gateway.',
  'refund.review': 'The gateway looks at the refund.',
  'refund.succeeded': 'The refund went through.',
  'refund.failed': 'The refund did not go through; its amount can be refunded again.',
  'offline_payment.recorded': 'Cash, a cheque or a bank transfer was recorded.',
  'offline_payment.cleared': 'The bank honoured the cheque.',
  'offline_payment.bounced': 'The bank returned the cheque; what it had paid is owed again.',
  'offline_payment.reversed': 'It had been recorded in error; what it had paid is owed again.',
  'allocation.applied': 'A part of a payment was applied to an order or an invoice.',
  'allocation.withdrawn': 'What was applied was taken back: withdrawn, reversed or refunded.',
  'mandate.created': 'An order registers a mandate once it is paid.',
  'mandate.registering': 'A payer began to register it: the first attempt to pay its order was made.',
  'mandate.activated': 'The payer has consented: the mandate can be charged.',
  'mandate.paused': 'Charges rest, by you or by the payer in the bank’s app.',
  'mandate.resumed': 'Charges may go on.',
  'mandate.revoked': 'The consent was taken back. No charge starts any more.',
  'mandate.expired': 'The time of the mandate is over.',
  'mandate.failed': 'The mandate did not come about; failure_reason says why.',
  'pre_debit_notice.succeeded': 'The payer was told of a charge to come.',
  'pre_debit_notice.failed': 'The payer could not be told; the charge is given up.',
  'dispute.opened': 'A payer’s bank takes money back. It is held; evidence is taken until evidence_due_at.',
  'dispute.under_review': 'The gateway has what you said against it.',
  'dispute.accepted': 'You let it go; the gateway takes the money.',
  'dispute.expired': 'The time for evidence is over and none was given. The gateway still decides.',
  'dispute.won': 'The money stays; what was held can be refunded again.',
  'dispute.lost': 'The money is gone.',
  'break.opened': 'A settlement differs from what is known. A person should look.',
  'break.resolved': 'A difference was explained by a person, or what was missing has turned up.',
  'webhook_endpoint.test': 'Sent on request, to try an endpoint.',
} as const
export type EventType = keyof typeof EVENT_TYPES

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_TYPES, text)
}

export type EventData =
  | { readonly order: OrderJson }
  | { readonly payment: PaymentJson }
  | { readonly refund: RefundJson }
  | { readonly offline_payment: OfflinePaymentJson }
  | { readonly allocation: AllocationJson }
  | { readonly mandate: MandateJson }
  | { readonly pre_debit_notice: NoticeJson }
  | { readonly dispute: DisputeJson }
  | { readonly break: BreakJson }
  | { readonly endpoint_id: string }

/** The exact text that every endpoint receives and that is signed; made once, stored, never rebuilt. */
export function eventBody(type: EventType, at: Date, data: EventData): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data })
}

export function paymentEventType(status: PaymentStatus): EventType | undefined {
  return status === 'created' ? undefined : `payment.${status}`
}

export function refundEventType(status: RefundStatus): EventType {
  return `refund.${status}`
}

export function disputeEventType(status: DisputeStatus): EventType {
  return status === 'open' ? 'dispute.opened' : `dispute.${status}`
}
