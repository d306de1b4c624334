// A refund that a gateway tells of, unasked or beside its payment: one of ours, or one that was made at the gateway and
// is taken in under the same cap. Either way its outcome goes through the door of refunds.
import type { RefundReport } from '../domain/payment/report.ts'
import type { GatewayAccountId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { findRefund } from '../store/refunds.ts'
import { adoptRefund } from './adopt-refund.ts'
import type { Deps } from './deps.ts'
import { recordRefundResult } from './record-refund-result.ts'
import type { Source } from './source.ts'

/** False when it is no refund of ours and cannot be taken in. */
export async function recordGatewayRefund(
  deps: Deps,
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  report: RefundReport,
): Promise<boolean> {
  const known = await findRefund(tx, gatewayAccountId, report)
  const refundId = known?.id ?? (await adoptRefund(deps, tx, gatewayAccountId, report))
  if (refundId === undefined) return false
  await recordRefundResult(deps, tx, source, { refundId, operationId: null, result: { kind: 'report', report } })
  return true
}
