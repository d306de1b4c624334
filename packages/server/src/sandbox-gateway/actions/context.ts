// What every action of the gateway works with, and the notification that goes with a change. A notification's text is
// fixed in the change's transaction: every attempt and copy sends the same bytes under the same id.
import { addMs } from '../../kernel/clock.ts'
import type { BookDispute } from '../book/dispute.ts'
import type { BookMandate, BookNotice } from '../book/mandate.ts'
import type { BookPayment } from '../book/payment.ts'
import type { BookRefund } from '../book/refund.ts'
import type { Fault } from '../faults.ts'
import { newId } from '../ids.ts'
import type { Script } from '../instruments.ts'
import { chargeScript, findInstrument } from '../instruments.ts'
import type { SandboxOptions } from '../options.ts'
import type { Account } from '../store/accounts.ts'
import { takeFault } from '../store/faults.ts'
import type { Notice } from '../store/payments.ts'
import type { Db } from '../store/transaction.ts'
import { disputeView, mandateView, noticeView, paymentView, refundView } from '../views.ts'

export type ActionContext = Pick<SandboxOptions, 'pool' | 'clock' | 'baseUrl'>

const FORGIVING: Script = { first: 'settle', outcome: 'approve' }

/** The script behind a payment; one whose instrument was taken out of the table behaves like a plain one. */
export function scriptOf(payment: Pick<BookPayment, 'method' | 'instrument' | 'isCharge'>): Script {
  const script = findInstrument(payment.method, payment.instrument)?.script
  return payment.isCharge ? chargeScript(script) : (script ?? FORGIVING)
}

/** The account's time, which is ahead of real time once its clock was advanced. */
export function accountNow(context: ActionContext, account: Account): Date {
  return addMs(context.clock.now(), account.clockOffsetMs)
}

/** Null where nobody listens, or a fault swallows it. */
export async function paymentNotice(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: BookPayment,
  mandate: BookMandate | undefined,
): Promise<Notice | null> {
  return notice(context, tx, account, payment, [payment.reference], (id, fault) => ({
    id,
    type: 'payment.updated',
    created_at: payment.updatedAt.toISOString(),
    payment: paymentView(payment, {
      notificationSecret: account.notificationSecret,
      baseUrl: context.baseUrl(),
      ...(mandate === undefined ? {} : { mandate }),
      ...(fault === undefined ? {} : { fault }),
    }),
  }))
}

export async function refundNotice(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: BookPayment,
  refund: BookRefund,
): Promise<Notice | null> {
  const object = { ...payment, id: refund.id }
  return notice(context, tx, account, object, [refund.reference, payment.reference], (id, fault) => ({
    id,
    type: 'refund.updated',
    created_at: refund.updatedAt.toISOString(),
    refund: refundView(refund, fault === undefined ? {} : { fault }),
  }))
}

export async function mandateNotice(
  context: ActionContext,
  tx: Db,
  account: Account,
  mandate: BookMandate,
): Promise<Notice | null> {
  return notice(context, tx, account, { ...mandate, isCharge: true }, [mandate.reference], (id, fault) => ({
    id,
    type: 'mandate.updated',
    created_at: mandate.updatedAt.toISOString(),
    mandate: mandateView(mandate, fault),
  }))
}

export async function debitNotice(
  context: ActionContext,
  tx: Db,
  account: Account,
  mandate: BookMandate,
  told: BookNotice,
): Promise<Notice | null> {
  const object = { ...mandate, id: told.id, isCharge: true }
  return notice(context, tx, account, object, [told.reference, mandate.reference], (id, fault) => ({
    id,
    type: 'notice.updated',
    created_at: accountNow(context, account).toISOString(),
    notice: noticeView(told, fault),
  }))
}

export async function disputeNotice(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: BookPayment,
  dispute: BookDispute,
): Promise<Notice | null> {
  const object = { ...payment, id: dispute.id }
  return notice(context, tx, account, object, [dispute.id, payment.reference], (id, fault) => ({
    id,
    type: 'dispute.updated',
    created_at: dispute.updatedAt.toISOString(),
    dispute: disputeView(dispute, payment, fault),
  }))
}

async function notice(
  context: ActionContext,
  tx: Db,
  account: Account,
  object: Pick<BookPayment, 'id' | 'method' | 'instrument' | 'isCharge'>,
  references: readonly string[],
  write: (id: string, fault: Fault | undefined) => object,
): Promise<Notice | null> {
  if (account.notificationUrl === null) return null
  const fault = account.faultCount === 0 ? undefined : await takeFault(tx, account.id, 'notification', references)
  if (fault?.name === 'silent') return null
  const id = newId('sbe', context.clock.now())
  const script = scriptOf(object).notice
  const copies = fault?.name === 'duplicate' ? (fault.parameters.copies ?? 5) : (script?.copies ?? 1)
  const delayMs = fault?.name === 'delay' ? (fault.parameters.delay_ms ?? 0) : (script?.delayMs ?? 0)
  const body = JSON.stringify(write(id, fault))
  return { id, objectId: object.id, body, delayMs, copies, forged: fault?.name === 'bad_signature' }
}
