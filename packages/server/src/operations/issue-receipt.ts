// Issues the receipt of a payment: once, when it is first asked for, in a transaction of its own. Whoever asks again
// gets the same receipt with what happened since. The number is the last thing taken, so that nothing waits for it
// that could still fail.
import { financialYear } from '../domain/receipt/calendar.ts'
import { receiptNumber } from '../domain/receipt/number.ts'
import type { IssuedReceipt, Receipt } from '../domain/receipt/receipt.ts'
import { receiptSnapshot } from '../domain/receipt/snapshot.ts'
import type { TaxBlock } from '../domain/receipt/tax.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import { isPositive } from '../kernel/money.ts'
import { ReceiptId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { readMerchant } from '../store/merchants.ts'
import { lockPayment, readPayment } from '../store/payments.ts'
import { insertReceipt, listReceiptsOfPayment, takeReceiptNumber } from '../store/receipts.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { receiptFor, withOverlays } from './read-receipt.ts'

export type IssueReceiptCommand = {
  readonly paymentId: PaymentId
  /** Printed as it is given. Counts on the first issue only: a receipt never changes. */
  readonly tax?: TaxBlock
}

/** @throws AppError payment_not_found, payment_state_conflict before money was captured */
export function issueReceipt(deps: Deps, actor: Actor, command: IssueReceiptCommand): Promise<IssuedReceipt> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const known = await findReceiptOf(tx, command.paymentId)
    return withOverlays(tx, known ?? (await issue(deps, tx, actor, command)))
  })
}

async function issue(deps: Deps, tx: Tx, actor: Actor, command: IssueReceiptCommand): Promise<Receipt> {
  assertCaptured(await readPayment(tx, command.paymentId))
  // Two who ask at once: the second waits here, then finds what the first has issued.
  const payment = await lockPayment(tx, command.paymentId)
  const known = await findReceiptOf(tx, payment.id)
  if (known !== undefined) return known

  const { order, onAccount } = await receiptFor(tx, payment)
  const merchant = await readMerchant(tx)
  const year = financialYear(merchant.zone, merchant.financialYearStartMonth, tx.now)
  const { count, issuedAt } = await takeReceiptNumber(tx, 'receipt', year)
  const number = receiptNumber('receipt', year, count)
  const { mode } = tx.tenant
  const receipt = await insertReceipt(tx, {
    id: ReceiptId.create(deps.clock.now(), deps.randomness),
    kind: 'receipt',
    number,
    paymentId: payment.id,
    refundId: null,
    issuedAt,
    snapshot: receiptSnapshot({
      number,
      issuedAt,
      mode,
      merchant,
      order,
      ...onAccount,
      payment,
      tax: command.tax ?? null,
    }),
  })
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'receipt.issued',
    objectId: receipt.id,
    requestId: actor.requestId,
    details: { number, payment_id: payment.id },
  })
  return receipt
}

function assertCaptured({ status, amountReversed }: PaymentRecord): void {
  if (status !== 'captured' || isPositive(amountReversed)) throw new AppError('payment_state_conflict', { status })
}

async function findReceiptOf(tx: Tx, paymentId: PaymentId): Promise<Receipt | undefined> {
  const issued = await listReceiptsOfPayment(tx, paymentId)
  return issued.find(({ kind }) => kind === 'receipt')
}
