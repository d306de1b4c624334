// One line of a settlement file. First it is heard as news: what the gateway has paid out it has captured, so a
// payment or a refund without an outcome gets one through the one door. Then it is matched with what we have; what
// fits is posted, what does not is a break. Absence from a file says nothing, presence does.
import { postingsForSettlement } from '../domain/ledger/posting.ts'
import { matchLine } from '../domain/settlement/match.ts'
import type { LineFacts } from '../domain/settlement/match.ts'
import { readAgreedRate } from '../domain/settlement/rate.ts'
import type { SettlementLine } from '../domain/settlement/settlement.ts'
import { SettlementLineId } from '../kernel/ids.ts'
import type { SettlementId } from '../kernel/ids.ts'
import { equals, money, zero } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { findDispute } from '../store/disputes.ts'
import { insertPostings, listCapturedParts } from '../store/payment-history.ts'
import { findPayment, readPayment } from '../store/payments.ts'
import { resolveBreakOf } from '../store/reconciliations.ts'
import { findRefund } from '../store/refunds.ts'
import { insertSettlementLine, sumSettled } from '../store/settlements.ts'
import type { LineOwner } from '../store/settlements.ts'
import { adoptRefund } from './adopt-refund.ts'
import { announceBreak } from './announce.ts'
import type { Deps } from './deps.ts'
import type { OpenAccount } from './gateway.ts'
import { openBreak } from './open-break.ts'
import { recordDisputeReport } from './record-dispute-result.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { recordPaymentResult } from './record-result.ts'
import type { Source } from './source.ts'

type Where = { readonly gateway: OpenAccount; readonly settlementId: SettlementId }

/** Hears the line as news. In a transaction of its own: it locks the order. */
export async function hearLine(deps: Deps, tx: Tx, { gateway, settlementId }: Where, line: SettlementLine) {
  const source = {
    cause: 'settlement',
    actor: `gateway:${gateway.account.id}`,
    requestId: settlementId,
  } as const
  await HEAR[line.kind](deps, tx, gateway, source, line)
}

const HEAR = { capture: hearCapture, refund: hearRefund, dispute: hearDispute, dispute_reversal: hearDispute } as const

async function hearCapture(deps: Deps, tx: Tx, gateway: OpenAccount, source: Source, line: SettlementLine) {
  const payment = await findPayment(tx, gateway.account.id, line)
  // What is all captured can hear nothing new; a line that says otherwise is a break.
  if (payment === undefined || payment.captureFinal || !equals(payment.amount, line.paymentAmount)) return
  const owner = { paymentId: payment.id, refundId: null, disputeId: null }
  const settled = await sumSettled(tx, gateway.account.id, { line, ...owner })
  const total = settled.grossMinor + line.gross.minor
  const whole = total === payment.amount.minor
  if (settled.isSettled || total <= payment.amountCaptured.minor || total > payment.amount.minor) return
  if (payment.capture === 'automatic' && !whole) return
  await recordPaymentResult(deps, tx, source, {
    paymentId: payment.id,
    operationId: null,
    result: {
      kind: 'report',
      report: {
        gatewayPaymentId: line.gatewayPaymentId,
        reference: line.reference,
        amount: line.paymentAmount,
        state: 'captured',
        authorized: zero(payment.amount.currency),
        captured: money(total, payment.amount.currency),
        captureFinal: whole,
        facts: {},
      },
    },
  })
}

async function hearRefund(deps: Deps, tx: Tx, gateway: OpenAccount, source: Source, line: SettlementLine) {
  const report = {
    gatewayRefundId: line.gatewayObjectId,
    gatewayPaymentId: line.gatewayPaymentId,
    reference: line.reference,
    amount: line.gross,
    state: 'succeeded',
  } as const
  const known = await findRefund(tx, gateway.account.id, report)
  if (known !== undefined && (known.status === 'succeeded' || !equals(known.amount, line.gross))) return
  const refundId = known?.id ?? (await adoptRefund(deps, tx, gateway.account.id, report))
  if (refundId === undefined) return
  await recordRefundResult(deps, tx, source, { refundId, operationId: null, result: { kind: 'report', report } })
}

/** What was kept out of a payout was disputed, and what came back was won. Neither says by when to answer. */
async function hearDispute(deps: Deps, tx: Tx, gateway: OpenAccount, source: Source, line: SettlementLine) {
  await recordDisputeReport(deps, tx, source, gateway.account.id, {
    gatewayDisputeId: line.gatewayObjectId,
    gatewayPaymentId: line.gatewayPaymentId,
    reference: line.reference,
    amount: line.gross,
    state: line.kind === 'dispute' ? 'open' : 'won',
    reason: 'other',
    gatewayCode: null,
    evidenceDueAt: null,
    sequence: null,
  })
}

export type SettledLine = { readonly isMatched: boolean; readonly newBreaks: number }

/** Matches the line, keeps it, and posts what fits. The settlement's row is locked by this transaction. */
export async function settleLine(deps: Deps, tx: Tx, where: Where, line: SettlementLine): Promise<SettledLine> {
  const { account } = where.gateway
  const ours = await findOurs(tx, where.gateway, line)
  const match = matchLine(line, ours?.facts, readAgreedRate(account.settings))
  const id = SettlementLineId.create(deps.clock.now())
  const about = { paymentId: ours?.paymentId ?? null, refundId: ours?.refundId ?? null }
  const disputeId = ours?.disputeId ?? null
  await insertSettlementLine(tx, {
    id,
    settlementId: where.settlementId,
    gatewayAccountId: account.id,
    line,
    outcome: match.outcome,
    ...about,
    disputeId,
  })
  if (match.outcome === 'matched' && ours !== undefined) {
    const { version } = await readPayment(tx, ours.paymentId)
    const postedAs = {
      paymentId: ours.paymentId,
      refundId: ours.refundId,
      paymentVersion: version,
      ...(disputeId === null ? {} : { disputeId }),
    }
    await insertPostings(tx, deps.clock, { ...postedAs, settlementLineId: id }, postingsForSettlement(line))
    const subject = ours.refundId ?? ours.paymentId
    const turnedUp = { note: `Turned up in ${where.settlementId}.`, resolvedBy: 'job:reconcile-settlements' }
    const found = await resolveBreakOf(tx, account.id, { reason: 'missing_from_settlement', subject }, turnedUp)
    if (found !== undefined) await announceBreak(tx, 'break.resolved', found)
  }
  if (match.break === null) return { isMatched: match.outcome === 'matched', newBreaks: 0 }
  const newBreaks = await openBreak(deps, tx, {
    gatewayAccountId: account.id,
    settlementId: where.settlementId,
    settlementLineId: id,
    ...about,
    reason: match.break.reason,
    subject: `${where.settlementId}/${line.line}`,
    details: { ...match.break.details, gateway_object_id: line.gatewayObjectId, reference: line.reference },
  })
  return { isMatched: match.outcome === 'matched', newBreaks }
}

type Ours = LineOwner & { readonly facts: LineFacts }

async function findOurs(tx: Tx, gateway: OpenAccount, line: SettlementLine): Promise<Ours | undefined> {
  const accountId = gateway.account.id
  if (line.kind === 'capture') {
    const payment = await findPayment(tx, accountId, line)
    if (payment === undefined) return undefined
    const owner = { paymentId: payment.id, refundId: null, disputeId: null }
    const settled = await sumSettled(tx, accountId, { line, ...owner })
    return {
      ...owner,
      facts: {
        currency: payment.amount.currency,
        movedMinor: payment.amountCaptured.minor,
        settledMinor: settled.grossMinor,
        isSettled: settled.isSettled,
        partsMinor: await listCapturedParts(tx, payment.id),
      },
    }
  }
  if (line.kind !== 'refund') return findOurDispute(tx, gateway, line)
  const refund = await findRefund(tx, accountId, {
    gatewayRefundId: line.gatewayObjectId,
    reference: line.reference,
  })
  if (refund === undefined) return undefined
  const owner = { paymentId: refund.paymentId, refundId: refund.id, disputeId: null }
  const settled = await sumSettled(tx, accountId, { line, ...owner })
  return {
    ...owner,
    facts: {
      currency: refund.amount.currency,
      movedMinor: refund.status === 'succeeded' ? refund.amount.minor : 0n,
      settledMinor: settled.grossMinor,
      isSettled: settled.isSettled,
      partsMinor: [],
    },
  }
}

async function findOurDispute(tx: Tx, gateway: OpenAccount, line: SettlementLine): Promise<Ours | undefined> {
  const dispute = await findDispute(tx, gateway.account.id, line.gatewayObjectId)
  if (dispute === undefined) return undefined
  const owner = { paymentId: dispute.paymentId, refundId: null, disputeId: dispute.id }
  const settled = await sumSettled(tx, gateway.account.id, { line, ...owner })
  const isMoved = line.kind === 'dispute' || dispute.status === 'won'
  return {
    ...owner,
    facts: {
      currency: dispute.amount.currency,
      movedMinor: isMoved ? dispute.amount.minor : 0n,
      settledMinor: settled.grossMinor,
      isSettled: settled.isSettled,
      partsMinor: [],
    },
  }
}
