// The one door through which a gateway changes a mandate: replies to a change, syncs, notifications of what the payer
// did in the bank's app, and what the payment that registers it tells along the way. Compared before it is believed.
import type { Result } from '../connectors/contract/connector.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import { readMandateReport } from '../domain/mandate/report.ts'
import type { MandateReport } from '../domain/mandate/report.ts'
import type { MandateId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { lockMandate, saveMandate } from '../store/mandates.ts'
import { isOver, moveMandate, nextLook, recordMandateConflict } from './move-mandate.ts'
import type { Source } from './source.ts'

export type MandateNews = { readonly mandateId: MandateId; readonly result: Result<MandateReport> }

/** Returns the mandate as it is afterwards. Lock its order first where that is locked at all. */
export async function recordMandateResult(tx: Tx, source: Source, news: MandateNews): Promise<Mandate> {
  const mandate = await lockMandate(tx, news.mandateId)
  if (news.result.kind !== 'report') return mandate
  const { report } = news.result
  // An attempt to register it that came to nothing is told by its payment; another one may still succeed.
  if (mandate.status === 'created' && (report.state === 'failed' || report.state === 'created')) return mandate
  const reading = readMandateReport(mandate, report)
  if (reading.kind === 'stale' || reading.kind === 'nothing') return mandate
  if (reading.kind === 'mismatch') {
    await recordMandateConflict(tx, mandate, `mandate_${reading.reason}`, {
      reported_maximum: report.maxAmount.minor.toString(),
      reported_currency: report.maxAmount.currency,
      reported_state: report.state,
      gateway_mandate_id: report.gatewayMandateId,
      cause: source.cause,
    })
    return mandate
  }
  const moved = await moveMandate(tx, source, mandate, reading.event, {
    gatewayMandateId: report.gatewayMandateId,
    gatewaySequence: report.sequence,
    ...(report.state === 'paused' ? { pauseEndsAt: report.pausedUntil } : {}),
  })
  return moved.version === mandate.version ? learn(tx, mandate, report) : moved
}

/** Nothing happened that we did not know; its place among the gateway's reports is kept, and what it confirms. */
async function learn(tx: Tx, mandate: Mandate, report: MandateReport): Promise<Mandate> {
  const confirms = CONFIRMED_BY[mandate.pendingChange ?? 'none'] === report.state && report.state === mandate.status
  const isNewer = report.sequence !== null && report.sequence > (mandate.gatewaySequence ?? -1)
  if (isOver(mandate) || (!confirms && !isNewer)) return mandate
  const after: Mandate = {
    ...mandate,
    gatewaySequence: isNewer ? report.sequence : mandate.gatewaySequence,
    pauseEndsAt: report.state === 'paused' ? report.pausedUntil : mandate.pauseEndsAt,
    pendingChange: confirms ? null : mandate.pendingChange,
  }
  return saveMandate(tx, mandate, after, after.pendingChange === null ? nextLook(after, tx.now) : tx.now)
}

const CONFIRMED_BY = { pause: 'paused', resume: 'active', revoke: 'revoked', none: undefined } as const
