// A receipt as the JSON of our own API, snake_case, amounts in minor units: the same snapshot that the HTML and the PDF
// show, with the overlays beside it.
import type { Money } from '../../kernel/money.ts'
import { amountForPeople } from './amount-text.ts'
import { titleOf } from './document.ts'
import type { Overlay, Receipt, ReceiptSnapshot } from './receipt.ts'
import type { TaxBlock, TaxParty, TaxShare } from './tax.ts'

export function receiptJson(receipt: Receipt, overlays: readonly Overlay[]) {
  const { snapshot } = receipt
  return {
    id: receipt.id,
    object: 'receipt' as const,
    kind: snapshot.kind,
    number: snapshot.number,
    title: titleOf(snapshot),
    mode: snapshot.mode,
    payment_id: receipt.paymentId,
    refund_id: receipt.refundId,
    issued_at: snapshot.issuedAt,
    issued_on: snapshot.issuedOn,
    paid_at: snapshot.paidAt,
    paid_on: snapshot.paidOn,
    zone: snapshot.zone,
    merchant: { id: snapshot.merchant.id, name: snapshot.merchant.name },
    payer: { name: snapshot.payer.name, email: snapshot.payer.email, phone: snapshot.payer.phone },
    order:
      snapshot.order === null
        ? null
        : {
            id: snapshot.order.id,
            reference: snapshot.order.reference,
            description: snapshot.order.description,
          },
    applied_to: (snapshot.appliedTo ?? []).map(({ kind, reference, amountText }) => ({
      kind,
      reference,
      amount_text: amountText,
    })),
    payment: paymentPart(snapshot),
    refund: refundPart(snapshot),
    amount: whole(snapshot.amount),
    currency: snapshot.currency,
    amount_text: snapshot.amountText,
    amount_in_words: snapshot.amountInWords,
    tax: snapshot.tax === null ? null : taxPart(snapshot.tax),
    overlays: overlays.map(overlayJson),
  }
}
export type ReceiptJson = ReturnType<typeof receiptJson>

// Safe: an amount is at most 10^13 minor units (kernel/money.ts), well below 2^53.
const whole = (minor: string): number => Number.parseInt(minor, 10)

function paymentPart({ payment }: ReceiptSnapshot) {
  return {
    method: payment.method,
    network: payment.network,
    last_four: payment.lastFour,
    bank: payment.bank,
    rrn: payment.rrn,
    cheque: payment.cheque ?? null,
  }
}

function refundPart({ refund }: ReceiptSnapshot) {
  if (refund === null) return null
  return {
    reason: refund.reason,
    arn: refund.arn,
    refunded_at: refund.refundedAt,
    refunded_on: refund.refundedOn,
    way: refund.way ?? null,
    way_reference: refund.wayReference ?? null,
    receipt: refund.receipt === null ? null : { number: refund.receipt.number, issued_on: refund.receipt.issuedOn },
  }
}

function taxPart(tax: TaxBlock) {
  return {
    document: tax.document,
    supplier: partyPart(tax.supplier),
    recipient: tax.recipient === null ? null : partyPart(tax.recipient),
    place_of_supply: { state: tax.placeOfSupply.state, state_code: tax.placeOfSupply.stateCode },
    lines: tax.lines.map((line) => ({
      description: line.description,
      code: line.code,
      taxable_value: whole(line.taxableValue),
      cgst: sharePart(line.cgst),
      sgst: sharePart(line.sgst),
      igst: sharePart(line.igst),
      cess: sharePart(line.cess),
    })),
    reverse_charge: tax.reverseCharge,
    signatory: tax.signatory,
  }
}

function partyPart(party: TaxParty) {
  return { name: party.name, address: party.address, gstin: party.gstin }
}

function sharePart(share: TaxShare | null) {
  return share === null ? null : { rate: share.rate, amount: whole(share.amount) }
}

function overlayJson(overlay: Overlay) {
  const at = overlay.at.toISOString()
  const { kind } = overlay
  if (kind === 'duplicate' || kind === 'canceled') return { kind, at }
  if (kind === 'reversed') return { kind, at, bounced: overlay.bounced }
  const amount = amountPart(overlay.amount)
  if (kind === 'captured_further') return { kind, at, ...amount }
  return { kind, at, ...amount, refund_id: overlay.refundId, voucher_number: overlay.voucherNumber }
}

function amountPart(amount: Money) {
  return {
    amount: whole(amount.minor.toString()),
    currency: amount.currency,
    amount_text: amountForPeople(amount),
  }
}
