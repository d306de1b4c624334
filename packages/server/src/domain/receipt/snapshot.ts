// Takes the snapshot that a receipt or a refund voucher keeps: the only place that says what goes into one. Texts lose
// anything that looks like a card number on the way, because a document is printed, mailed and kept for ever.
import { redactCardNumbers } from '../../kernel/card-tripwire.ts'
import { invariant } from '../../kernel/errors.ts'
import type { MerchantId, Mode } from '../../kernel/ids.ts'
import { isPositive } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { Order } from '../order/order.ts'
import type { PaymentRecord } from '../payment/record.ts'
import type { RefundRecord } from '../refund/refund.ts'
import { amountForPeople, amountInWords } from './amount-text.ts'
import { dayIn } from './calendar.ts'
import type { Receipt, ReceiptKind, ReceiptSnapshot } from './receipt.ts'
import type { TaxBlock } from './tax.ts'

export type OnAccount = {
  readonly payer: Order['payer']
  readonly cheque: { readonly number: string; readonly date: string; readonly cleared: boolean } | null
  readonly appliedTo: readonly {
    readonly kind: 'order' | 'invoice'
    readonly reference: string
    readonly amount: Money
  }[]
}

export type Issuing = {
  readonly number: string
  readonly issuedAt: Date
  readonly mode: Mode
  readonly merchant: { readonly id: MerchantId; readonly name: string; readonly zone: string }
  /** Null for money on account, which says who paid and what it was applied to instead. */
  readonly order: Order | null
  readonly onAccount?: OnAccount
  readonly payment: PaymentRecord
  readonly tax: TaxBlock | null
}

/** Of a captured payment: what has been captured by now. */
export function receiptSnapshot(issuing: Issuing): ReceiptSnapshot {
  const { payment } = issuing
  invariant(isPositive(payment.amountCaptured), 'A receipt is for captured money.')
  return snapshot(issuing, { kind: 'receipt', amount: payment.amountCaptured, refund: null })
}

/** Of a refund that succeeded. `receipt` is the payment's own, if it was issued. */
export function voucherSnapshot(issuing: Issuing, refund: RefundRecord, receipt: Receipt | undefined): ReceiptSnapshot {
  const { zone } = issuing.merchant
  const refundedAt = refund.succeededAt
  invariant(refund.status === 'succeeded' && refundedAt !== null, 'A voucher is for a refund that succeeded.')
  return snapshot(issuing, {
    kind: 'refund_voucher',
    amount: refund.amount,
    refund: {
      id: refund.id,
      reason: refund.reason,
      refundedAt: refundedAt.toISOString(),
      refundedOn: dayIn(zone, refundedAt),
      arn: fact(refund.arn),
      ...(refund.givenBack === null
        ? {}
        : { way: refund.givenBack.way, wayReference: fact(refund.givenBack.reference) }),
      receipt: receipt === undefined ? null : { number: receipt.number, issuedOn: receipt.snapshot.issuedOn },
    },
  })
}

type Part = { readonly kind: ReceiptKind; readonly amount: Money; readonly refund: ReceiptSnapshot['refund'] }

function snapshot(issuing: Issuing, { kind, amount, refund }: Part): ReceiptSnapshot {
  const { merchant, order, payment, issuedAt, onAccount } = issuing
  const { name, email, phone } = order?.payer ?? onAccount?.payer ?? NOBODY
  const paidAt = payment.capturedAt
  invariant(paidAt !== null, 'Captured money has the time of its capture.')
  return {
    form: 1,
    kind,
    number: issuing.number,
    mode: issuing.mode,
    zone: merchant.zone,
    issuedAt: issuedAt.toISOString(),
    issuedOn: dayIn(merchant.zone, issuedAt),
    paidAt: paidAt.toISOString(),
    paidOn: dayIn(merchant.zone, paidAt),
    merchant: { id: merchant.id, name: redactCardNumbers(merchant.name) },
    payer: { name: fact(name), email: fact(email), phone: fact(phone) },
    order:
      order === null
        ? null
        : {
            id: order.id,
            reference: redactCardNumbers(order.reference),
            description: redactCardNumbers(order.description),
          },
    ...(onAccount === undefined ? {} : { appliedTo: onAccount.appliedTo.map(appliedPart) }),
    payment: {
      id: payment.id,
      method: payment.method,
      network: fact(payment.facts.network),
      lastFour: lastFour(payment),
      bank: fact(payment.facts.bank),
      rrn: fact(payment.facts.rrn),
      ...(onAccount?.cheque ? { cheque: onAccount.cheque } : {}),
    },
    refund,
    amount: amount.minor.toString(),
    currency: amount.currency,
    amountText: amountForPeople(amount),
    amountInWords: amountInWords(amount),
    tax: issuing.tax,
  }
}

const NOBODY: Order['payer'] = { name: null, email: null, phone: null }

function appliedPart({ kind, reference, amount }: OnAccount['appliedTo'][number]) {
  return { kind, reference: redactCardNumbers(reference), amountText: amountForPeople(amount) }
}

// Only four digits are four digits: a gateway that sends more has sent a part of a card number.
function lastFour({ facts }: PaymentRecord): string | null {
  return facts.lastFour !== undefined && /^[0-9]{4}$/.test(facts.lastFour) ? facts.lastFour : null
}

function fact(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : redactCardNumbers(text)
}
