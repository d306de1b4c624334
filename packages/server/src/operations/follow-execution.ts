// A mandate's execution follows its payment, in the transaction that changes the payment. Money that comes although
// another execution holds the period by now is a surplus: followed, shown as a conflict, and given back.
import { executionStatusOf, holdsPeriod } from '../domain/mandate/execution.ts'
import { retryTime } from '../domain/mandate/retry.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { listExecutionsOfPeriod, lockExecutionOfPayment, saveExecution } from '../store/mandate-executions.ts'
import { lockMandate } from '../store/mandates.ts'

/** Whose payment holds the period that this payment gave up; null while it holds its own. Locks the mandate. */
export async function holderOfPeriod(tx: Tx, payment: PaymentRecord): Promise<PaymentId | null> {
  if (payment.mandateId === null) return null
  await lockMandate(tx, payment.mandateId)
  const execution = await lockExecutionOfPayment(tx, payment.id)
  if (execution === undefined || execution.period === null || holdsPeriod(execution.status)) return null
  const others = await listExecutionsOfPeriod(tx, execution.mandateId, execution.period)
  const holder = others.find((other) => other.id !== execution.id && holdsPeriod(other.status))
  return holder?.paymentId ?? null
}

/** Call with the mandate locked. `isSurplus` is what the decision about the payment said. */
export async function followExecution(tx: Tx, payment: PaymentRecord, isSurplus: boolean): Promise<void> {
  if (payment.mandateId === null) return
  const execution = await lockExecutionOfPayment(tx, payment.id)
  if (execution === undefined || execution.status === 'surplus') return
  const status = isSurplus ? 'surplus' : executionStatusOf(payment.status, execution.startedAt !== null)
  if (status === execution.status) return
  const retryAt = payment.decline === null ? null : retryTime(execution, payment.decline.code, tx.now)
  const neverStarted = status === 'waiting' || status === 'canceled'
  await saveExecution(tx, execution, {
    ...execution,
    status,
    reason: payment.decline?.code ?? payment.failureReason,
    retryAt: status === 'declined' ? retryAt : null,
    startedAt: neverStarted ? null : (execution.startedAt ?? tx.now),
  })
}
