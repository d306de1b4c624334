// Captures and voids of a caller, and the payer's answer on a page. Each locks the payment, decides in book/payment.ts
// and writes once. An Idempotency-Key that was used before shows the payment as it stands and changes nothing.
import type { Money } from '../../kernel/money.ts'
import { hashToken } from '../../kernel/secret.ts'
import type { BookPayment, Change, PayerPage } from '../book/payment.ts'
import { answerStep, cancel, capture, release } from '../book/payment.ts'
import { newId } from '../ids.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findAccount } from '../store/accounts.ts'
import type { Step, StoredPayment } from '../store/payments.ts'
import { findStep, lockPayment, lockPaymentByPage, savePayment } from '../store/payments.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction, isUniqueViolation } from '../store/transaction.ts'
import { followPayment } from './change-mandate.ts'
import type { ActionContext } from './context.ts'
import { accountNow, paymentNotice, scriptOf } from './context.ts'

export type StepCommand = {
  readonly paymentId: string
  readonly idempotencyKey: string
  readonly requestHash: Buffer
} & ({ readonly kind: 'capture'; readonly amount: Money; readonly final: boolean } | { readonly kind: 'void' })

/** @throws GatewayRefusal NOT_FOUND, REFERENCE_REUSED and what the book refuses */
export async function takeStep(
  context: ActionContext,
  account: Account,
  command: StepCommand,
  options: { readonly forgetful: boolean },
): Promise<BookPayment> {
  try {
    return await inTransaction(context.pool, async (tx) => {
      const payment = await lockPayment(tx, account.id, command.paymentId)
      if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
      const used = options.forgetful ? undefined : await findStep(tx, account.id, command.idempotencyKey)
      if (used !== undefined) {
        if (used.payment_id === payment.id && used.request_hash.equals(command.requestHash)) return payment
        throw new GatewayRefusal('REFERENCE_REUSED', 'idempotency-key')
      }
      const change = decide(payment, command)
      return save(context, tx, account, payment, change, stepOf(context, payment, command, change, options.forgetful))
    })
  } catch (error) {
    // The same key was used for another payment at the same instant.
    if (isUniqueViolation(error)) throw new GatewayRefusal('REFERENCE_REUSED', 'idempotency-key')
    throw error
  }
}

/** @throws GatewayRefusal NOT_FOUND and what the book refuses */
export async function cancelPayment(context: ActionContext, account: Account, paymentId: string): Promise<BookPayment> {
  return inTransaction(context.pool, async (tx) => {
    const payment = await lockPayment(tx, account.id, paymentId)
    if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
    const change = cancel(payment)
    return change === undefined ? payment : save(context, tx, account, payment, change, null)
  })
}

/** Undefined when no payment has this page. */
export async function answerPage(
  context: ActionContext,
  page: PayerPage,
  token: string,
  answer: 'approve' | 'fail' | 'cancel',
): Promise<BookPayment | undefined> {
  return inTransaction(context.pool, async (tx) => {
    const payment = await lockPaymentByPage(tx, hashToken(token))
    if (payment?.page !== page) return undefined
    const change = answerStep(payment, scriptOf(payment), answer)
    // Answered already, or run out: the first answer stands.
    if (change === undefined) return payment
    const account = await accountOf(tx, payment)
    return save(context, tx, account, payment, change, saleStep(context, payment, change))
  })
}

/** Writes a decided change with its notification. The payment is locked by this transaction. */
export async function save(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: StoredPayment,
  change: Change,
  step: Step | null,
): Promise<BookPayment> {
  const after: BookPayment = { ...payment, ...change.standing, updatedAt: accountNow(context, account) }
  const mandate = await followPayment(context, tx, account, after)
  const notice = await paymentNotice(context, tx, account, after, mandate)
  await savePayment(tx, payment, after, { due: change.due, step, notice })
  return after
}

export async function accountOf(tx: Db, payment: BookPayment): Promise<Account> {
  const account = await findAccount(tx, payment.accountId)
  if (account === undefined) throw new Error('A payment has an account.')
  return account
}

/** The capture that a sale makes of itself when it is approved later than at once. */
export function saleStep(context: ActionContext, payment: BookPayment, change: Change): Step | null {
  if (change.captured === 0n || payment.captureMode === 'manual') return null
  const id = newId('sbs', context.clock.now())
  return { id, kind: 'capture', idempotencyKey: null, requestHash: null, amount: change.captured, final: true }
}

function decide(payment: BookPayment, command: StepCommand): Change {
  if (command.kind === 'void') return release(payment)
  const { minor, currency } = command.amount
  if (currency !== payment.currency) throw new GatewayRefusal('AMOUNT_INVALID', 'currency')
  return capture(payment, scriptOf(payment), minor, command.final)
}

function stepOf(
  context: ActionContext,
  payment: BookPayment,
  command: StepCommand,
  change: Change,
  forgetful: boolean,
): Step {
  const isCapture = command.kind === 'capture'
  return {
    id: newId('sbs', context.clock.now()),
    kind: command.kind,
    idempotencyKey: forgetful ? null : command.idempotencyKey,
    requestHash: forgetful ? null : command.requestHash,
    amount: isCapture ? change.captured : payment.held - payment.paid,
    final: isCapture ? change.standing.closed : true,
  }
}
