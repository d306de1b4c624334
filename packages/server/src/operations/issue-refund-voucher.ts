// Issues the voucher of a refund that went through: once, when it is first asked for, from a number series of its own.
// It names the payment's receipt when there is one by then; it does not issue that as well.
import { financialYear } from '../domain/receipt/calendar.ts'
import { receiptNumber } from '../domain/receipt/number.ts'
import type { IssuedReceipt, Receipt } from '../domain/receipt/receipt.ts'
import { voucherSnapshot } from '../domain/receipt/snapshot.ts'
import type { TaxBlock } from '../domain/receipt/tax.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import { ReceiptId } from '../kernel/ids.ts'
import type { RefundId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { readMerchant } from '../store/merchants.ts'
import { lockPayment } from '../store/payments.ts'
import { insertReceipt, listReceiptsOfPayment, takeReceiptNumber } from '../store/receipts.ts'
import { readRefund } from '../store/refunds.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { receiptFor, withOverlays } from './read-receipt.ts'

export type IssueRefundVoucherCommand = {
  readonly refundId: RefundId
  /** Printed as it is given. Counts on the first issue only: a voucher never changes. */
  readonly tax?: TaxBlock
}

/** @throws AppError refund_not_found, refund_state_conflict before the refund succeeded */
export function issueRefundVoucher(
  deps: Deps,
  actor: Actor,
  command: IssueRefundVoucherCommand,
): Promise<IssuedReceipt> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const refund = await readRefund(tx, command.refundId)
    const known = voucherOf(refund, await listReceiptsOfPayment(tx, refund.paymentId))
    return withOverlays(tx, known ?? (await issue(deps, tx, actor, refund, command.tax ?? null)))
  })
}

async function issue(deps: Deps, tx: Tx, actor: Actor, refund: RefundRecord, tax: TaxBlock | null): Promise<Receipt> {
  if (refund.status !== 'succeeded') throw new AppError('refund_state_conflict', { status: refund.status })
  // Two who ask at once: the second waits here, then finds what the first has issued. The payment, not the refund: the
  // new row points at both, and whoever changes a refund has locked its payment before.
  const payment = await lockPayment(tx, refund.paymentId)
  const issued = await listReceiptsOfPayment(tx, refund.paymentId)
  const known = voucherOf(refund, issued)
  if (known !== undefined) return known

  const { order, onAccount } = await receiptFor(tx, payment)
  const merchant = await readMerchant(tx)
  const year = financialYear(merchant.zone, merchant.financialYearStartMonth, tx.now)
  const { count, issuedAt } = await takeReceiptNumber(tx, 'refund_voucher', year)
  const number = receiptNumber('refund_voucher', year, count)
  const issuing = { number, issuedAt, mode: tx.tenant.mode, merchant, order, ...onAccount, payment, tax }
  const voucher = await insertReceipt(tx, {
    id: ReceiptId.create(deps.clock.now(), deps.randomness),
    kind: 'refund_voucher',
    number,
    paymentId: payment.id,
    refundId: refund.id,
    issuedAt,
    snapshot: voucherSnapshot(
      issuing,
      refund,
      issued.find(({ kind }) => kind === 'receipt'),
    ),
  })
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'refund_voucher.issued',
    objectId: voucher.id,
    requestId: actor.requestId,
    details: { number, payment_id: payment.id, refund_id: refund.id },
  })
  return voucher
}

function voucherOf(refund: RefundRecord, issued: readonly Receipt[]): Receipt | undefined {
  return issued.find(({ kind, refundId }) => kind === 'refund_voucher' && refundId === refund.id)
}
