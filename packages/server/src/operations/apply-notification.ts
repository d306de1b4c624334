// Applies a stored notification through the one door. What it names is compared with our own rows first; what we do not
// know yet is parked and tried again, because a gateway may be quicker than our own commit; nothing is dropped.
import type { NotificationContent } from '../connectors/contract/connector.ts'
import type { DisputeReport } from '../domain/dispute/report.ts'
import type { MandateReport, NoticeReport } from '../domain/mandate/report.ts'
import type { PaymentReport } from '../domain/payment/report.ts'
import { addMs } from '../kernel/clock.ts'
import { ConflictId } from '../kernel/ids.ts'
import type { GatewayAccountId, PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { endNotification, lockLeasedNotification, parkNotification } from '../store/notifications.ts'
import type { ClaimedNotification, StoredNotification } from '../store/notifications.ts'
import { listWaitingPayments } from '../store/mandate-executions.ts'
import { findMandate } from '../store/mandates.ts'
import { insertConflict } from '../store/payment-history.ts'
import { findPayment } from '../store/payments.ts'
import { findNotice } from '../store/pre-debit-notices.ts'
import type { Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import { heedMandateClaim, heedPaymentClaim } from './heed-claim.ts'
import { recordDisputeReport } from './record-dispute-result.ts'
import { recordGatewayRefund } from './record-gateway-refund.ts'
import { recordMandateResult } from './record-mandate-result.ts'
import { recordPaymentResult } from './record-result.ts'
import type { Source } from './source.ts'
import { scrubNews } from './scrub-news.ts'
import { lookAtWaiting, recordNoticeResult } from './send-notice.ts'

// An unknown object may be one whose commit is a moment away; after this it is a person's to look at.
const PARK_STEPS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000] as const

/** Does nothing when the lease is no longer ours. */
export async function applyNotification(deps: Deps, claimed: ClaimedNotification, leaseToken: string): Promise<void> {
  const waiting = await deps.store.inTransaction(claimed.tenant, async (tx) => {
    const notification = await lockLeasedNotification(tx, claimed.id, leaseToken)
    if (notification === undefined) return []
    const gateway = await openGatewayAccount(deps, tx, notification.gatewayAccountId)
    const content = gateway.connector.notifications?.read({ headers: notification.headers, body: notification.body })
    if (content === undefined) {
      await endNotification(tx, notification.id, 'unreadable')
      return []
    }
    const source = {
      cause: 'notification',
      actor: `gateway:${gateway.account.id}`,
      requestId: notification.id,
    } as const
    let missing = false
    const freed: PaymentId[] = []
    for (const item of scrubNews(gateway.connector, content.reports)) {
      const known =
        item.kind === 'notice'
          ? await applyNotice(tx, gateway.account.id, item.report, freed)
          : await applyItem(deps, tx, source, gateway.account.id, item)
      missing ||= !known
    }
    if (missing) await park(deps, tx, notification)
    else await endNotification(tx, notification.id, 'applied')
    return freed
  })
  // Afterwards: orders are locked before everything else.
  await lookAtWaiting(deps, claimed.tenant, waiting)
  deps.nudge('deliveries')
  deps.nudge('operations')
}

/** False when we do not know the object that it is about. */
function applyItem(
  deps: Deps,
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  item: Exclude<NotificationContent['reports'][number], { readonly kind: 'notice' }>,
): Promise<boolean> {
  switch (item.kind) {
    case 'payment':
      return applyPayment(deps, tx, source, gatewayAccountId, item.report)
    case 'refund':
      return recordGatewayRefund(deps, tx, source, gatewayAccountId, item.report)
    case 'mandate':
      return applyMandate(tx, source, gatewayAccountId, item.report)
    case 'payment_claim':
      return heedPaymentClaim(deps, tx, gatewayAccountId, item.claim)
    case 'mandate_claim':
      return heedMandateClaim(tx, gatewayAccountId, item.claim)
    case 'dispute':
      return applyDispute(deps, tx, source, gatewayAccountId, item.report)
  }
}

/** Charges that wait on a notice which has failed are added to `freed`: they are looked at after the commit. */
async function applyNotice(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  report: NoticeReport,
  freed: PaymentId[],
): Promise<boolean> {
  const notice = await findNotice(tx, gatewayAccountId, report)
  if (notice === undefined) return false
  const after = await recordNoticeResult(tx, notice.id, { kind: 'report', report })
  if (after.status === 'failed') freed.push(...(await listWaitingPayments(tx, notice.mandateId, notice.id)))
  return true
}

async function applyDispute(
  deps: Deps,
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  report: DisputeReport,
): Promise<boolean> {
  return (await recordDisputeReport(deps, tx, source, gatewayAccountId, report)) !== undefined
}

async function applyMandate(
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  report: MandateReport,
): Promise<boolean> {
  const mandate = await findMandate(tx, gatewayAccountId, report)
  if (mandate === undefined) return false
  await recordMandateResult(tx, source, { mandateId: mandate.id, result: { kind: 'report', report } })
  return true
}

async function applyPayment(
  deps: Deps,
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  report: PaymentReport,
): Promise<boolean> {
  const payment = await findPayment(tx, gatewayAccountId, report)
  if (payment === undefined) return false
  await recordPaymentResult(deps, tx, source, {
    paymentId: payment.id,
    operationId: null,
    result: { kind: 'report', report },
  })
  return true
}

/**
 * After applying it has failed on our side: it waits like one of an unknown object, and is shown to a person in the
 * end. Without this it would be claimed for ever, and before the others.
 */
export async function parkFailed(
  deps: Deps,
  claimed: ClaimedNotification,
  leaseToken: string,
  code: string,
): Promise<void> {
  await deps.store.inTransaction(claimed.tenant, async (tx) => {
    const notification = await lockLeasedNotification(tx, claimed.id, leaseToken)
    if (notification !== undefined) await park(deps, tx, notification, { kind: 'notification_not_applicable', code })
  })
}

type ParkedFor = { readonly kind: string; readonly code?: string }

const UNKNOWN_OBJECT: ParkedFor = { kind: 'notification_of_unknown_object' }

async function park(
  deps: Deps,
  tx: Tx,
  notification: StoredNotification,
  { kind, code }: ParkedFor = UNKNOWN_OBJECT,
): Promise<void> {
  const wait = PARK_STEPS_MS[notification.tries - 1]
  if (wait !== undefined) return parkNotification(tx, notification.id, addMs(tx.now, wait))
  await insertConflict(tx, {
    id: ConflictId.create(deps.clock.now()),
    paymentId: null,
    kind,
    details: {
      notification_id: notification.id,
      gateway_account_id: notification.gatewayAccountId,
      ...(code === undefined ? {} : { code }),
    },
  })
  await endNotification(tx, notification.id, 'conflict')
}
