// Charges a mandate and tells its payer ahead. A charge is a payment with the instrument that the mandate was
// registered with; its reference is the idempotency key, as a payment's is.
import { assertCharge, needsPayer, standingAt } from '../book/mandate.ts'
import type { BookMandate, BookNotice } from '../book/mandate.ts'
import type { BookPayment, PayerPage } from '../book/payment.ts'
import { openPayment } from '../book/payment.ts'
import { hashToken } from '../../kernel/secret.ts'
import type { Currency } from '../../kernel/money.ts'
import { newId, pageToken } from '../ids.ts'
import { chargeScript, findInstrument } from '../instruments.ts'
import type { InstrumentMethod } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findMandate, findNotice, findNoticeByReference, insertNotice, lockMandate } from '../store/mandates.ts'
import { findPaymentByReference, insertPayment } from '../store/payments.ts'
import type { StoredPayment } from '../store/payments.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction } from '../store/transaction.ts'
import { accountNow, paymentNotice } from './context.ts'
import type { ActionContext } from './context.ts'

export type ChargeCommand = {
  readonly mandateId: string
  readonly reference: string
  readonly requestHash: Buffer
  readonly amount: bigint
  readonly currency: Currency
  readonly description: string
  readonly debitDate: string
  readonly noticeId: string | null
  readonly returnUrl: string
}

const PAGES: Record<InstrumentMethod, PayerPage> = { card: 'acs', upi: 'upi', netbanking: 'bank', wallet: 'bank' }

type Charged = { readonly payment: BookPayment; readonly mandate: BookMandate; readonly isNew: boolean }

/** `isNew` is false for a repeat. @throws GatewayRefusal NOT_FOUND, REFERENCE_REUSED and what the book refuses */
export async function chargeMandate(
  context: ActionContext,
  account: Account,
  command: ChargeCommand,
  options: { readonly forgetful: boolean },
): Promise<Charged> {
  return inTransaction(context.pool, async (tx) => {
    const stored = await lockMandate(tx, account.id, command.mandateId)
    if (stored === undefined) throw new GatewayRefusal('NOT_FOUND', 'mandate')
    const mandate = standingAt(stored, accountNow(context, account))
    const known = options.forgetful ? undefined : await findPaymentByReference(tx, account.id, command.reference)
    if (known !== undefined) return repeated(known, mandate, command)
    const notice = command.noticeId === null ? undefined : await findNotice(tx, account.id, command.noticeId)
    assertCharge(mandate, command, notice?.mandateId === mandate.id ? notice : undefined)
    return { payment: await insert(context, tx, account, mandate, command, options.forgetful), mandate, isNew: true }
  })
}

function repeated(known: StoredPayment, mandate: BookMandate, command: ChargeCommand): Charged {
  if (!known.requestHash.equals(command.requestHash)) throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
  return { payment: known, mandate, isNew: false }
}

async function insert(
  context: ActionContext,
  tx: Db,
  account: Account,
  mandate: BookMandate,
  command: ChargeCommand,
  forgetful: boolean,
): Promise<BookPayment> {
  const now = accountNow(context, account)
  const script = chargeScript(findInstrument(mandate.method, mandate.instrument)?.script)
  const asks = needsPayer(mandate, command.amount)
  const terms = { amount: command.amount, captureMode: 'automatic' } as const
  const { standing, due, captured } = openPayment(terms, asks ? { ...script, first: 'ask' } : script)
  const payment: BookPayment = {
    ...terms,
    ...standing,
    id: newId('sbp', now),
    accountId: account.id,
    reference: command.reference,
    currency: command.currency,
    method: mandate.method,
    instrument: mandate.instrument,
    flow: mandate.flow,
    page: asks ? PAGES[mandate.method] : null,
    description: command.description,
    returnUrl: command.returnUrl,
    mandateId: mandate.id,
    isCharge: true,
    saveFor: null,
    createdAt: now,
    updatedAt: now,
  }
  const isSettled = payment.status !== 'PENDING' && payment.status !== 'ACTION_NEEDED'
  const inserted = await insertPayment(tx, {
    payment,
    requestHash: command.requestHash,
    pageTokenHash: payment.page === null ? null : hashToken(pageToken(account.notificationSecret, payment.id)),
    due: due === 'keep' ? null : due,
    forgetful,
    captureId: captured > 0n ? newId('sbs', now) : null,
    notice: isSettled ? await paymentNotice(context, tx, account, payment, mandate) : null,
  })
  // Another payment took the reference at the same instant.
  if (!inserted) throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
  return payment
}

export type NotifyCommand = {
  readonly mandateId: string
  readonly reference: string
  readonly requestHash: Buffer
  readonly amount: bigint
  readonly currency: Currency
  readonly debitDate: string
}

/** @throws GatewayRefusal NOT_FOUND, NOT_ALLOWED_NOW, AMOUNT_TOO_HIGH, REFERENCE_REUSED */
export async function notifyDebit(
  context: ActionContext,
  account: Account,
  command: NotifyCommand,
): Promise<{ notice: BookNotice; isNew: boolean }> {
  const known = await findNoticeByReference(context.pool, account.id, command.reference)
  if (known !== undefined) {
    if (!known.requestHash.equals(command.requestHash)) throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
    return { notice: known, isNew: false }
  }
  const now = accountNow(context, account)
  const stored = await findMandate(context.pool, account.id, command.mandateId)
  if (stored === undefined) throw new GatewayRefusal('NOT_FOUND', 'mandate')
  const mandate = standingAt(stored, now)
  if (mandate.status !== 'ACTIVE') throw new GatewayRefusal('NOT_ALLOWED_NOW', mandate.status)
  if (command.currency !== mandate.currency) throw new GatewayRefusal('AMOUNT_INVALID', 'currency')
  if (command.amount > mandate.maxAmount) throw new GatewayRefusal('AMOUNT_TOO_HIGH')
  const plan = findInstrument(mandate.method, mandate.instrument)?.script.preDebit ?? { fails: false }
  const { requestHash, ...told } = command
  const notice: BookNotice = {
    ...told,
    id: newId('sbd', now),
    accountId: account.id,
    status: plan.waitMs !== undefined ? 'SENDING' : plan.fails ? 'FAILED' : 'SENT',
    succeeds: !plan.fails,
    createdAt: now,
  }
  if (await insertNotice(context.pool, notice, requestHash, plan.waitMs ?? null)) return { notice, isNew: true }
  const other = await findNoticeByReference(context.pool, account.id, command.reference)
  if (other === undefined || !other.requestHash.equals(requestHash)) {
    throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
  }
  return { notice: other, isNew: false }
}
