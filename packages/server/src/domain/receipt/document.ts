// A receipt as people read it: what stands where, in words, before anyone thinks of HTML or PDF. Both are drawn from
// this and nothing else, so they cannot say different things. Texts are as they were given, hostile ones too: whoever
// draws them escapes them.
import { CURRENCIES } from '../../kernel/currencies.ts'
import { money } from '../../kernel/money.ts'
import type { PaymentMethod } from '../payment/method.ts'
import type { RefundReason } from '../refund/refund.ts'
import { amountForPeople } from './amount-text.ts'
import { dayForPeople, instantForPeople } from './calendar.ts'
import type { Overlay, Receipt, ReceiptKind, ReceiptSnapshot } from './receipt.ts'
import type { TaxBlock, TaxDocument, TaxParty, TaxShare } from './tax.ts'

export type ReceiptDocument = {
  readonly title: string
  readonly number: string
  readonly issuedAt: Date
  /** `Issued 12 June 2026, 14:05 (UTC+05:30)`. */
  readonly issued: string
  readonly merchantName: string
  /** Shown above everything else; null in live mode. */
  readonly testNotice: string | null
  readonly amountLabel: string
  readonly amount: string
  readonly amountInWords: string
  /** Money came in and nothing that takes from it has happened since. */
  readonly stands: boolean
  /** What happened since, oldest first. */
  readonly notices: readonly string[]
  readonly sections: readonly Section[]
  readonly closing: string
}

export type Section = { readonly heading: string; readonly rows: readonly Row[] }
export type Row = { readonly label: string; readonly value: string }

export function receiptDocument({ issuedAt, snapshot }: Receipt, overlays: readonly Overlay[]): ReceiptDocument {
  const { tax } = snapshot
  return {
    title: titleOf(snapshot),
    number: snapshot.number,
    issuedAt,
    issued: `Issued ${instantForPeople(snapshot.zone, snapshot.issuedAt)}`,
    merchantName: snapshot.merchant.name,
    testNotice: snapshot.mode === 'test' ? 'Test mode: no money was moved.' : null,
    amountLabel: AMOUNT_LABELS[snapshot.kind],
    amount: snapshot.amountText,
    amountInWords: snapshot.amountInWords,
    stands: snapshot.kind === 'receipt' && overlays.every(({ kind }) => kind === 'captured_further'),
    notices: overlays.map((overlay) => notice(snapshot, overlay)),
    sections: [
      section(snapshot.kind === 'receipt' ? 'Received from' : 'Refunded to', payerRows(snapshot)),
      section('For', orderRows(snapshot)),
      section('Payment', paymentRows(snapshot)),
      section('Refund', refundRows(snapshot)),
      ...(tax === null ? [] : taxSections(tax, snapshot)),
    ].filter(({ rows }) => rows.length > 0),
    closing: closing(tax),
  }
}

const AMOUNT_LABELS: Record<ReceiptKind, string> = { receipt: 'Amount received', refund_voucher: 'Amount refunded' }
const TITLES: Record<ReceiptKind, string> = { receipt: 'Payment receipt', refund_voucher: 'Refund voucher' }
const TAX_TITLES: Record<TaxDocument, string> = {
  tax_invoice: 'Tax invoice',
  bill_of_supply: 'Bill of supply',
  receipt_voucher: 'Receipt voucher',
  refund_voucher: 'Refund voucher',
}

export function titleOf({ kind, tax }: Pick<ReceiptSnapshot, 'kind' | 'tax'>): string {
  return tax === null ? TITLES[kind] : TAX_TITLES[tax.document]
}

const METHODS: Record<PaymentMethod, string> = {
  upi: 'UPI',
  card: 'Card',
  netbanking: 'Net banking',
  wallet: 'Wallet',
  cash_on_delivery: 'Cash on delivery',
  cash: 'Cash',
  cheque: 'Cheque',
  bank_transfer: 'Bank transfer',
  gateway_page: 'Online',
}

const NETWORKS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  rupay: 'RuPay',
  amex: 'American Express',
  diners: 'Diners Club',
  jcb: 'JCB',
  maestro: 'Maestro',
}

const REASONS: Record<RefundReason, string> = {
  duplicate_or_delayed_payment: 'Duplicate or delayed payment',
  no_longer_available: 'No longer available',
  not_satisfied: 'Not satisfied',
  lost_or_damaged: 'Lost or damaged',
  digital_download_issue: 'Trouble with a download',
  event_canceled_or_changed: 'Event canceled or changed',
  other: 'Other',
}

function payerRows({ payer }: ReceiptSnapshot): readonly Row[] {
  return rows([
    ['Name', payer.name],
    ['E-mail', payer.email],
    ['Phone', payer.phone],
  ])
}

const APPLIED = { order: 'Order', invoice: 'Invoice' } as const

function orderRows({ order, appliedTo = [] }: ReceiptSnapshot): readonly Row[] {
  if (order === null) {
    const applied = appliedTo.map((part) => [`${APPLIED[part.kind]} ${part.reference}`, part.amountText] as const)
    return rows([['On account', applied.length === 0 ? 'Not allocated yet' : null], ...applied])
  }
  return rows([
    ['Description', order.description],
    ['Order reference', order.reference],
  ])
}

function paymentRows({ payment, zone, paidAt, currency }: ReceiptSnapshot): readonly Row[] {
  const network = payment.network === null ? null : (NETWORKS[payment.network.toLowerCase()] ?? payment.network)
  const ending = payment.lastFour === null ? null : `ending ${payment.lastFour}`
  return rows([
    ['Paid', instantForPeople(zone, paidAt)],
    ['Method', [METHODS[payment.method], network, ending].filter((part) => part !== null).join(' · ')],
    ['Bank', payment.bank],
    ['RRN / UTR', payment.rrn],
    ['Cheque', chequeText(payment.cheque)],
    ['Payment', payment.id],
    ['Currency', `${CURRENCIES[currency].name} (${currency})`],
  ])
}

function chequeText(cheque: ReceiptSnapshot['payment']['cheque']): string | null {
  if (cheque === undefined) return null
  const text = `No. ${cheque.number} of ${dayForPeople(cheque.date)}`
  return cheque.cleared ? text : `${text}, subject to clearing`
}

function refundRows({ refund, zone }: ReceiptSnapshot): readonly Row[] {
  if (refund === null) return []
  const { receipt } = refund
  return rows([
    ['Refunded', instantForPeople(zone, refund.refundedAt)],
    ['Reason', REASONS[refund.reason]],
    ['Receipt', receipt === null ? null : `${receipt.number} of ${dayForPeople(receipt.issuedOn)}`],
    ['Paid out', refund.way === undefined ? null : METHODS[refund.way]],
    ['Paid out under', refund.wayReference ?? null],
    ['ARN', refund.arn],
    ['Refund', refund.id],
  ])
}

function taxSections(tax: TaxBlock, { currency }: ReceiptSnapshot): readonly Section[] {
  const amount = (minor: string) => amountForPeople(money(BigInt(minor), currency))
  const share = (name: string, part: TaxShare | null) =>
    part === null ? null : ([`${name} ${part.rate}%`, amount(part.amount)] as const)
  const { state, stateCode } = tax.placeOfSupply
  return [
    section('Supplier', partyRows(tax.supplier)),
    section('Recipient', tax.recipient === null ? [] : partyRows(tax.recipient)),
    ...tax.lines.map((line) =>
      section(
        line.description,
        rows(
          [
            ['HSN / SAC', line.code] as const,
            ['Taxable value', amount(line.taxableValue)] as const,
            share('CGST', line.cgst),
            share('SGST', line.sgst),
            share('IGST', line.igst),
            share('Cess', line.cess),
          ].filter((row) => row !== null),
        ),
      ),
    ),
    section(
      'Supply',
      rows([
        ['Place of supply', `${state} (${stateCode})`],
        ['Reverse charge', tax.reverseCharge ? 'Yes' : 'No'],
      ]),
    ),
  ]
}

function partyRows({ name, address, gstin }: TaxParty): readonly Row[] {
  return rows([
    ['Name', name],
    ['Address', address],
    ['GSTIN', gstin],
  ])
}

function notice({ zone }: ReceiptSnapshot, overlay: Overlay): string {
  const when = instantForPeople(zone, overlay.at.toISOString())
  if (overlay.kind === 'duplicate') return `Duplicate: the order had been paid already. Noted ${when}.`
  if (overlay.kind === 'reversed') {
    return overlay.bounced
      ? `The cheque was returned unpaid ${when}: this money was not received.`
      : `Reversed ${when}: this money was not received.`
  }
  if (overlay.kind === 'canceled') return `The order was canceled ${when}.`
  const amount = amountForPeople(overlay.amount)
  if (overlay.kind === 'captured_further') return `More was received for this payment, ${when}: ${amount} in all.`
  const voucher = overlay.voucherNumber === null ? '' : `, voucher ${overlay.voucherNumber}`
  return `Refunded ${amount} on ${when}${voucher}.`
}

function closing(tax: TaxBlock | null): string {
  const signatory = tax?.signatory ?? ''
  return signatory === '' ? 'Made by a computer and valid without a signature.' : `Authorised signatory: ${signatory}`
}

function section(heading: string, rows: readonly Row[]): Section {
  return { heading, rows }
}

function rows(given: readonly (readonly [label: string, value: string | null])[]): readonly Row[] {
  return given.flatMap(([label, value]) => (value === null || value.trim() === '' ? [] : { label, value }))
}
