// A refund that we never asked for: somebody made it at the gateway. It is taken in under the same cap as any other;
// one beyond the cap is a contradiction that a person has to look at, and is not booked.
import { orderIdOf } from '../domain/payment/record.ts'
import type { RefundReport } from '../domain/payment/report.ts'
import { refundable } from '../domain/refund/decide.ts'
import { equals, isGreater } from '../kernel/money.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { isReserving } from '../domain/refund/states.ts'
import { RefundId } from '../kernel/ids.ts'
import type { GatewayAccountId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { lockOrder } from '../store/orders.ts'
import { findPayment, lockPayment } from '../store/payments.ts'
import { findRefund, listRefundRows } from '../store/refunds.ts'
import { recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import { reserveRefund } from './reserve-refund.ts'

const OF_ONE_PAYMENT = { orderId: null, status: null, before: null, limit: 1_000 } as const

/** Undefined when it names no payment of ours, or does not fit under the cap. */
export async function adoptRefund(
  deps: Deps,
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  report: RefundReport,
): Promise<RefundId | undefined> {
  const found = await findPayment(tx, gatewayAccountId, { gatewayPaymentId: report.gatewayPaymentId, reference: null })
  if (found === undefined) return undefined
  await lockOrder(tx, orderIdOf(found))
  // Two messages about one refund may be applied at once: whoever waited for the order finds it taken in already.
  const taken = await findRefund(tx, gatewayAccountId, report)
  if (taken !== undefined) return taken.id
  const payment = await lockPayment(tx, found.id)
  // One of ours whose answer was lost may be this very refund: it learns the gateway's id when it is asked about, and
  // until then the news waits.
  const ours = await listRefundRows(tx, { ...OF_ONE_PAYMENT, paymentId: payment.id })
  const sameAmount = (refund: RefundRecord) => equals(refund.amount, report.amount)
  if (ours.some((refund) => refund.gatewayRefundId === null && isReserving(refund.status) && sameAmount(refund))) {
    return undefined
  }
  // Nothing left the account: there is nothing to count, however little is left.
  if (report.state === 'failed') return undefined
  const fits = report.amount.currency === payment.amount.currency && !isGreater(report.amount, refundable(payment))
  if (!fits) {
    await recordConflict(deps, tx, payment, 'refund_beyond_balance', {
      gateway_refund_id: report.gatewayRefundId,
      reported_amount: report.amount.minor.toString(),
      reported_currency: report.amount.currency,
      reported_state: report.state,
    })
    return undefined
  }
  const { refund } = await reserveRefund(deps, tx, payment, {
    amount: report.amount,
    reason: 'other',
    note: 'Made at the gateway.',
    automatic: false,
    toSend: false,
    id: RefundId.create(deps.clock.now()),
  })
  return refund.id
}
