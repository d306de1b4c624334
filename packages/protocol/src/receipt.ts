// The receipt of a payment, or the voucher of a refund: what was said when it was issued, which never changes, and what
// happened since, dated, beside it.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Amount, Currency, Id, Instant, Nullable, OrderId, PaymentId, ReceiptId, RefundId, Strict } from './fields.ts'
import { Payer } from './order.ts'
import { PaymentMethod } from './payment.ts'
import { RefundReason, RefundWay } from './refund.ts'

const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: "A day in the merchant's zone." })
const AmountText = Type.String({ description: 'For people.', examples: ['₹499.00'] })

const TaxShare = Strict({ rate: Type.String({ description: 'Percent.' }), amount: Amount })
const TaxParty = Strict({ name: Type.String(), address: Type.String(), gstin: Nullable(Type.String()) })

export const TaxBlock = Strict({
  document: Type.Enum(['tax_invoice', 'bill_of_supply', 'receipt_voucher', 'refund_voucher']),
  supplier: TaxParty,
  recipient: Nullable(TaxParty),
  place_of_supply: Strict({ state: Type.String(), state_code: Type.String() }),
  lines: Type.Array(
    Strict({
      description: Type.String(),
      code: Type.String({ description: 'HSN for goods, SAC for services.' }),
      taxable_value: Amount,
      cgst: Nullable(TaxShare),
      sgst: Nullable(TaxShare),
      igst: Nullable(TaxShare),
      cess: Nullable(TaxShare),
    }),
  ),
  reverse_charge: Type.Boolean(),
  signatory: Nullable(Type.String()),
})

export const ReceiptOverlay = Type.Union(
  [
    Strict({ kind: Type.Enum(['duplicate', 'canceled']), at: Instant }),
    Strict({
      kind: Type.Literal('reversed'),
      at: Instant,
      bounced: Type.Boolean({ description: 'The bank returned the cheque; else it was recorded in error.' }),
    }),
    Strict({
      kind: Type.Literal('captured_further'),
      at: Instant,
      amount: Amount,
      currency: Currency,
      amount_text: AmountText,
    }),
    Strict({
      kind: Type.Literal('refunded'),
      at: Instant,
      amount: Amount,
      currency: Currency,
      amount_text: AmountText,
      refund_id: RefundId,
      voucher_number: Nullable(Type.String()),
    }),
  ],
  { description: 'What happened after it was issued.' },
)

export const Receipt = Strict({
  id: ReceiptId,
  object: Type.Literal('receipt'),
  kind: Type.Enum(['receipt', 'refund_voucher']),
  number: Type.String({ description: 'Without gaps, per kind and financial year.', examples: ['R/26-27/000001'] }),
  title: Type.String(),
  mode: Type.Enum(['test', 'live']),
  payment_id: PaymentId,
  refund_id: Nullable(RefundId),
  issued_at: Instant,
  issued_on: Day,
  paid_at: Instant,
  paid_on: Day,
  zone: Type.String(),
  merchant: Strict({ id: Id('mer', 'a merchant'), name: Type.String() }),
  payer: Payer,
  order: Nullable(Strict({ id: OrderId, reference: Type.String(), description: Type.String() })),
  applied_to: Type.Array(
    Strict({ kind: Type.Enum(['order', 'invoice']), reference: Type.String(), amount_text: AmountText }),
    { description: 'Of an offline payment: what its money had been allocated to.' },
  ),
  payment: Strict({
    method: PaymentMethod,
    network: Nullable(Type.String()),
    last_four: Nullable(Type.String()),
    bank: Nullable(Type.String()),
    rrn: Nullable(Type.String()),
    cheque: Nullable(Strict({ number: Type.String(), date: Day, cleared: Type.Boolean() })),
  }),
  refund: Nullable(
    Strict({
      reason: RefundReason,
      arn: Nullable(Type.String()),
      refunded_at: Instant,
      refunded_on: Day,
      way: Nullable(RefundWay),
      way_reference: Nullable(Type.String()),
      receipt: Nullable(Strict({ number: Type.String(), issued_on: Day })),
    }),
  ),
  amount: Amount,
  currency: Currency,
  amount_text: AmountText,
  amount_in_words: Type.String(),
  tax: Nullable(TaxBlock),
  overlays: Type.Array(ReceiptOverlay),
})
export type Receipt = Static<typeof Receipt>

export const CreateReceiptLink = Strict(
  {
    expires_in_seconds: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 7_776_000, description: 'Up to 90 days. Default: 30 days.' }),
    ),
  },
  { examples: [{ expires_in_seconds: 604800 }] },
)
export type CreateReceiptLink = Static<typeof CreateReceiptLink>

export const ReceiptLink = Strict(
  {
    object: Type.Literal('receipt_link'),
    receipt_id: ReceiptId,
    url: Type.String({ description: 'Shown once. Whoever has it may see the receipt until it runs out.' }),
    expires_at: Instant,
  },
  { description: 'A public page of one receipt, with its PDF.' },
)
export type ReceiptLink = Static<typeof ReceiptLink>
