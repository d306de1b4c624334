// Takes a payment: decides by its instrument and writes payment, capture and notification in one statement. The
// reference is the idempotency key: a repeat shows the payment as it stands now, another body under it is refused.
import type { Currency } from '../../kernel/money.ts'
import { hashToken } from '../../kernel/secret.ts'
import type { BookMandate, BookTerms } from '../book/mandate.ts'
import { registeredBy } from '../book/mandate.ts'
import type { BookPayment, Due, PayerPage } from '../book/payment.ts'
import { openPayment } from '../book/payment.ts'
import { newId, pageToken, savedInstrumentId } from '../ids.ts'
import type { InstrumentMethod, SandboxInstrument } from '../instruments.ts'
import { findInstrument } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { insertMandate } from '../store/mandates.ts'
import { findPaymentByReference, insertPayment } from '../store/payments.ts'
import { findSavedInstrument, insertSavedInstrument } from '../store/saved-instruments.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction } from '../store/transaction.ts'
import type { ActionContext } from './context.ts'
import { accountNow, paymentNotice } from './context.ts'

export type PaymentCommand = {
  readonly reference: string
  readonly requestHash: Buffer
  readonly amount: bigint
  readonly currency: Currency
  readonly captureMode: 'automatic' | 'manual'
  readonly method: InstrumentMethod
  readonly instrument: string
  readonly flow: BookPayment['flow']
  readonly description: string
  readonly returnUrl: string
  readonly mandate: BookTerms | null
  /** The customer for whom the instrument is kept; null: it is not. */
  readonly saveFor: string | null
}

export type Means = Pick<PaymentCommand, 'method' | 'instrument' | 'flow'>

/** As it was asked for: what was saved is still to be looked up. */
export type AskedPayment = Omit<PaymentCommand, keyof Means> & {
  readonly means: Means | { readonly saved: string; readonly customer: string }
}

/** @throws GatewayRefusal INSTRUMENT_UNKNOWN where this customer of the account saved nothing of that name */
export async function withMeans(
  context: ActionContext,
  account: Account,
  asked: AskedPayment,
): Promise<PaymentCommand> {
  const { means, ...rest } = asked
  if ('method' in means) return { ...rest, ...means }
  const saved = await findSavedInstrument(context.pool, account.id, means)
  if (saved === undefined) throw new GatewayRefusal('INSTRUMENT_UNKNOWN', 'saved_instrument')
  return { ...rest, ...saved, flow: saved.method === 'upi' ? 'collect' : null }
}

const PAGES: Record<InstrumentMethod, PayerPage> = { card: 'acs', upi: 'upi', netbanking: 'bank', wallet: 'bank' }

/** `isNew` is false for a repeat. @throws GatewayRefusal INSTRUMENT_UNKNOWN, REFERENCE_REUSED */
export async function createPayment(
  context: ActionContext,
  account: Account,
  command: PaymentCommand,
  options: { readonly forgetful: boolean },
): Promise<{ payment: BookPayment; isNew: boolean }> {
  const instrument = findInstrument(command.method, command.instrument)
  if (instrument === undefined) throw new GatewayRefusal('INSTRUMENT_UNKNOWN', command.method)
  const made = draft(context, account, command, instrument)
  // The statement alone is a transaction. With faults about, the plan is read and counted in the same one.
  const insert = (db: Db) => insertDraft(context, account, db, made, options.forgetful)
  const isAlone = account.faultCount === 0 && made.mandate === null && made.payment.saveFor === null
  const inserted = await (isAlone ? insert(context.pool) : inTransaction(context.pool, insert))
  if (inserted) return { payment: made.payment, isNew: true }

  const known = await findPaymentByReference(context.pool, account.id, command.reference)
  if (known === undefined) throw new Error('A reference that is taken has a payment.')
  if (!known.requestHash.equals(command.requestHash)) throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
  return { payment: known, isNew: false }
}

type Draft = {
  payment: BookPayment
  mandate: BookMandate | null
  requestHash: Buffer
  due: Due | null
  captured: bigint
}

async function insertDraft(context: ActionContext, account: Account, db: Db, made: Draft, forgetful: boolean) {
  const { payment, mandate, requestHash, due, captured } = made
  const mayBeKnown = account.faultCount > 0 && !forgetful
  if (mayBeKnown && (await findPaymentByReference(db, account.id, payment.reference)) !== undefined) return false
  const isSettled = payment.status !== 'PENDING' && payment.status !== 'ACTION_NEEDED'
  const inserted = await insertPayment(db, {
    payment,
    requestHash,
    pageTokenHash: payment.page === null ? null : hashToken(pageToken(account.notificationSecret, payment.id)),
    due,
    forgetful,
    captureId: captured > 0n ? newId('sbs', payment.createdAt) : null,
    // Outcomes are notified, beginnings are not.
    notice: isSettled ? await paymentNotice(context, db, account, payment, mandate ?? undefined) : null,
  })
  if (inserted && mandate !== null) await insertMandate(db, mandate)
  if (inserted && payment.saveFor !== null) {
    const id = savedInstrumentId(account.notificationSecret, payment.saveFor, payment)
    await insertSavedInstrument(db, { ...payment, customer: payment.saveFor, id })
  }
  return inserted
}

function draft(
  context: ActionContext,
  account: Account,
  command: PaymentCommand,
  instrument: SandboxInstrument,
): Draft {
  const now = accountNow(context, account)
  const { requestHash, mandate: mandateTerms, ...terms } = command
  const { standing, due, captured } = openPayment(terms, instrument.script)
  const payment: BookPayment = {
    ...terms,
    ...standing,
    id: newId('sbp', now),
    accountId: account.id,
    // An app that is opened by a link, and a bank's own page, tell nothing that could be kept.
    saveFor: canBeSaved(terms) ? terms.saveFor : null,
    page: instrument.script.first === 'ask' ? PAGES[command.method] : null,
    mandateId: mandateTerms === null ? null : newId('sbm', now),
    isCharge: false,
    createdAt: now,
    updatedAt: now,
  }
  const mandate = mandateTerms === null ? null : registering(payment, mandateTerms)
  return { payment, mandate, requestHash, due: due === 'keep' ? null : due, captured }
}

function canBeSaved({ method, flow }: Means): boolean {
  return method === 'card' || method === 'wallet' || (method === 'upi' && flow === 'collect')
}

function registering(payment: BookPayment, terms: BookTerms): BookMandate {
  const { accountId, currency, method, instrument, flow, createdAt, updatedAt } = payment
  return {
    ...terms,
    id: payment.mandateId ?? '',
    accountId,
    paymentId: payment.id,
    status: registeredBy(payment.status),
    currency,
    method,
    instrument,
    flow,
    pauseUntil: null,
    version: 1,
    createdAt,
    updatedAt,
  }
}
