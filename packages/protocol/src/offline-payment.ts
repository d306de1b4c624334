// Offline payments: cash, cheques and bank transfers that a person records, and what of them is applied to which order
// or invoice. Nothing is edited: a mistake is reversed, an allocation is taken back by a row with a minus.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  AllocationId,
  Amount,
  AmountInput,
  Currency,
  CustomerId,
  Instant,
  Line,
  Lines,
  MAX_AMOUNT,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  PaymentId,
  periodQuery,
  RefundId,
  Strict,
  Version,
} from './fields.ts'

export const OfflineMethod = Type.Enum(['cash', 'cheque', 'bank_transfer'])

export const OfflineStatus = Type.Enum(['recorded', 'cleared', 'bounced', 'reversed'], {
  description: 'A cheque is `recorded` until its bank honours or returns it; cash and transfers begin `cleared`.',
})

const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-11-18'] })

export const OfflinePayment = Strict({
  id: { ...PaymentId, description: 'That of the payment: /v1/payments shows the same money.' },
  object: Type.Literal('offline_payment'),
  method: OfflineMethod,
  status: OfflineStatus,
  amount: Amount,
  currency: Currency,
  amount_allocated: Amount,
  amount_unapplied: { ...Amount, description: 'Credit: may still be applied.' },
  amount_refunded: Amount,
  amount_refund_pending: Amount,
  amount_reversed: Amount,
  customer_id: Nullable(CustomerId),
  bank: Nullable(Type.String()),
  cheque_number: Nullable(Type.String()),
  cheque_date: Nullable(Day),
  utr: Nullable(Type.String()),
  received_at: Instant,
  received_by: Nullable(Type.String()),
  note: Type.String(),
  recorded_by: Type.String({ examples: ['user:usr_…'] }),
  cleared_at: Nullable(Instant),
  ended_at: Nullable({ ...Instant, description: 'When it bounced or was reversed.' }),
  ended_by: Nullable(Type.String()),
  ended_reason: Nullable(Type.String()),
  version: Version,
  created_at: Instant,
  updated_at: Instant,
})
export type OfflinePayment = Static<typeof OfflinePayment>

export const RecordOfflinePayment = Strict(
  {
    amount: AmountInput,
    currency: Currency,
    method: OfflineMethod,
    received_at: { ...Instant, description: 'When the money was taken or came; not in the future.' },
    received_by: Type.Optional(Line(100, { minLength: 1, description: 'Who took it.', examples: ['Ravi, route 4'] })),
    customer_id: Type.Optional({ ...CustomerId, description: 'Whose credit it is.' }),
    bank: Type.Optional(
      Line(100, {
        minLength: 1,
        description: 'Needed for a cheque: the bank it is drawn on.',
        examples: ['HDFC Bank'],
      }),
    ),
    cheque_number: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,12}$', description: 'Needed for a cheque.', examples: ['000123'] }),
    ),
    cheque_date: Type.Optional({ ...Day, description: 'Needed for a cheque: the day written on it.' }),
    utr: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9]{6,35}$',
        description: 'Needed for a bank transfer: its unique transaction reference.',
        examples: ['HDFCR52026112000123456'],
      }),
    ),
    note: Type.Optional(Lines(500)),
  },
  {
    examples: [
      {
        amount: 118000,
        currency: 'INR',
        method: 'cheque',
        bank: 'HDFC Bank',
        cheque_number: '000123',
        cheque_date: '2026-11-18',
        received_at: '2026-11-20T09:30:00Z',
      },
    ],
  },
)
export type RecordOfflinePayment = Static<typeof RecordOfflinePayment>

export const ClearCheque = Strict(
  { cleared_at: { ...Instant, description: 'When the bank honoured it; not in the future.' } },
  { examples: [{ cleared_at: '2026-11-20T12:00:00Z' }] },
)
export type ClearCheque = Static<typeof ClearCheque>

export const EndOfflinePayment = Strict(
  { reason: Lines(500, { minLength: 1, description: 'Kept, and shown.', examples: ['Funds insufficient'] }) },
  { examples: [{ reason: 'Funds insufficient' }] },
)
export type EndOfflinePayment = Static<typeof EndOfflinePayment>

export const ListOfflinePayments = Strict({
  status: Type.Optional(OfflineStatus),
  method: Type.Optional(OfflineMethod),
  customer_id: Type.Optional(CustomerId),
  ...periodQuery,
  ...pageQuery,
})
export type ListOfflinePayments = Static<typeof ListOfflinePayments>

export const OfflinePaymentPage = PageOf(OfflinePayment)

const InvoiceId = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[!-~]([ -~]*[!-~])?$',
  description: 'The id of the invoice in your own billing.',
  examples: ['INV-2026-1101'],
})

export const Allocation = Strict({
  id: AllocationId,
  object: Type.Literal('allocation'),
  payment_id: PaymentId,
  order_id: Nullable(OrderId),
  invoice_id: Nullable(Type.String()),
  amount: Type.Integer({
    minimum: -MAX_AMOUNT,
    maximum: MAX_AMOUNT,
    description: 'Minor units. Negative: an earlier allocation, or a part of it, was taken back.',
  }),
  currency: Currency,
  reason: Type.Enum(['applied', 'withdrawn', 'reversed', 'refunded'], {
    description: '`refunded` leaves what it paid paid; `withdrawn` and `reversed` do not.',
  }),
  corrects: Nullable({ ...AllocationId, description: 'The row that it takes back.' }),
  refund_id: Nullable(RefundId),
  note: Type.String(),
  created_by: Type.String(),
  at: Instant,
})
export type Allocation = Static<typeof Allocation>

export const AllocatePayment = Strict(
  {
    amount: AmountInput,
    currency: Type.Optional({ ...Currency, description: "Must be the payment's own, where it is given." }),
    order_id: Type.Optional({ ...OrderId, description: 'Either this or `invoice_id`.' }),
    invoice_id: Type.Optional(InvoiceId),
    invoice_amount: Type.Optional({
      ...AmountInput,
      description: 'What the invoice asks for. Needed the first time that an invoice is named; the same ever after.',
    }),
    note: Type.Optional(Lines(500)),
  },
  { examples: [{ amount: 50000, invoice_id: 'INV-2026-1101', invoice_amount: 50000 }] },
)
export type AllocatePayment = Static<typeof AllocatePayment>

export const WithdrawAllocation = Strict(
  { reason: Lines(500, { minLength: 1, description: 'Kept with the row that takes it back.' }) },
  { examples: [{ reason: 'Meant for the invoice of October' }] },
)
export type WithdrawAllocation = Static<typeof WithdrawAllocation>

export const ListAllocations = Strict({
  payment_id: Type.Optional(PaymentId),
  order_id: Type.Optional(OrderId),
  invoice_id: Type.Optional(InvoiceId),
  ...pageQuery,
})
export type ListAllocations = Static<typeof ListAllocations>

export const AllocationPage = PageOf(Allocation)
