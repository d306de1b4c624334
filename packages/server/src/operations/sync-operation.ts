// Asks the gateway about a call that has no outcome, and records what it says through the one door. "Never seen it"
// counts only once the call can no longer be on its way. Nothing is ever decided by the passing of time alone.
// Purser's own follow-ups (giving a second success back) are sent from here, after asking.
import { settlePaymentAnswer, settleRefundAnswer, whenPageHasShut } from '../domain/operation/answer.ts'
import type { AskedCall } from '../domain/operation/answer.ts'
import type { PaymentNews } from '../domain/payment/news.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentReport, RefundReport } from '../domain/payment/report.ts'
import type { RefundNews } from '../domain/refund/decide.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { invariant } from '../kernel/errors.ts'
import { money } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { holdsLease, readOperation } from '../store/operations.ts'
import type { ClaimedOperation, Operation } from '../store/operations.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { readPayment } from '../store/payments.ts'
import { readRefund } from '../store/refunds.ts'
import type { Deps } from './deps.ts'
import { advanceCharge, isMandateCharge } from './advance-charge.ts'
import { callGateway, openGatewayAccount, questionAbout } from './gateway.ts'
import type { Call, OpenAccount } from './gateway.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { recordPaymentResult } from './record-result.ts'
import type { Source } from './source.ts'
import { stillOpen } from './still-open.ts'

type Work = {
  readonly operation: Operation
  readonly payment: PaymentRecord
  readonly refund: RefundRecord | undefined
  readonly gateway: OpenAccount
  /** Whether the call can certainly not be on its way any more. */
  readonly settled: boolean
}

const SOURCE: Source = { cause: 'sync', actor: 'job:sync-operations', requestId: null }

/** Does nothing when the lease is no longer ours or the operation has ended meanwhile. */
export async function syncOperation(deps: Deps, claimed: ClaimedOperation): Promise<void> {
  const work = await deps.store.inTransaction(claimed.tenant, (tx) => prepare(deps, tx, claimed))
  if (work === undefined) return
  if (work.operation.kind === 'refund') await syncRefund(deps, claimed, work)
  else if (isMandateCharge(work.operation, work.payment)) await advanceCharge(deps, claimed, work)
  else await syncPayment(deps, claimed, work)
  deps.nudge('deliveries')
}

async function prepare(deps: Deps, tx: Tx, claimed: ClaimedOperation): Promise<Work | undefined> {
  if (!(await holdsLease(tx, claimed.id, claimed.leaseToken))) return undefined
  const operation = await readOperation(tx, claimed.id)
  if (operation === undefined || operation.endedAt !== null) return undefined
  const payment = await readPayment(tx, operation.paymentId)
  const refund = operation.refundId === null ? undefined : await readRefund(tx, operation.refundId)
  const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  const age = tx.now.getTime() - operation.startedAt.getTime()
  return { operation, payment, refund, gateway, settled: age >= gateway.connector.absentGraceMs }
}

async function syncPayment(deps: Deps, claimed: ClaimedOperation, work: Work): Promise<void> {
  const { operation, payment, gateway } = work
  const about = { paymentId: payment.id, operationId: operation.id }
  const asked: Call<PaymentReport> = await callGateway(deps, gateway, {
    kind: 'sync',
    exchange: gateway.connector.sync,
    input: questionAbout(payment),
    ...about,
  })
  const calls = [asked]
  let result: PaymentNews = settlePaymentAnswer(askedCall(work), asked.result)
  const exchange = operation.kind === 'void' ? gateway.connector.void : undefined
  const held = asked.result.kind === 'report' && asked.result.report.state === 'authorized'
  if (operation.toSend && held && exchange !== undefined && payment.gatewayPaymentId !== null) {
    const sent = await callGateway(deps, gateway, {
      kind: 'void',
      exchange,
      input: {
        operationId: operation.id,
        gatewayPaymentId: payment.gatewayPaymentId,
        reference: payment.reference,
        amount: payment.amountAuthorized,
        final: true,
        gatewayTry: payment.facts.gatewayTry ?? null,
      },
      ...about,
    })
    calls.push(sent)
    result = stillOpen(sent.result)
  }
  await deps.store.inTransaction(claimed.tenant, async (tx) => {
    // The order first, like everyone: a reply or a notification that holds it may want this operation's row.
    await lockOrderOfPayment(tx, payment.id)
    if (!(await holdsLease(tx, claimed.id, claimed.leaseToken))) return
    for (const call of calls) await insertExchange(tx, call.exchange)
    await recordPaymentResult(deps, tx, SOURCE, { ...about, result: whenPageHasShut(result, tx.now) })
  })
}

function askedCall({ operation, settled }: Work): AskedCall {
  const { kind, toSend, targetTotalMinor } = operation
  return { kind, toSend, targetTotalMinor, settled }
}

async function syncRefund(deps: Deps, claimed: ClaimedOperation, work: Work): Promise<void> {
  const { operation, payment, refund, gateway } = work
  invariant(refund !== undefined && payment.gatewayPaymentId !== null, 'A refund is of a payment the gateway knows.')
  const { currency } = payment.amount
  invariant(isCurrency(currency), 'A payment has a currency we know.')
  const about = { paymentId: payment.id, operationId: operation.id }
  const asked = await askRefund(deps, work, refund, payment.gatewayPaymentId)
  const calls = asked === undefined ? [] : [asked]
  let news = settleRefundAnswer(askedCall(work), asked?.result ?? { kind: 'absent' })
  const send = gateway.connector.refund
  if (news === 'send' && send !== undefined) {
    const sent = await callGateway(deps, gateway, {
      kind: 'refund',
      exchange: send,
      input: {
        reference: refund.reference,
        gatewayPaymentId: payment.gatewayPaymentId,
        amount: money(operation.amountMinor, currency),
        reason: refund.reason,
      },
      ...about,
    })
    calls.push(sent)
    // Not sent: it is tried again. A definite no of the gateway's ends it, and the balance comes back.
    news = sent.notSent ? { kind: 'absent' } : sent.result
  }
  const result: RefundNews = news === 'send' ? { kind: 'absent' } : news
  await deps.store.inTransaction(claimed.tenant, async (tx) => {
    // The order first, like everyone: a reply or a notification that holds it may want this operation's row.
    await lockOrderOfPayment(tx, payment.id)
    if (!(await holdsLease(tx, claimed.id, claimed.leaseToken))) return
    for (const call of calls) await insertExchange(tx, call.exchange)
    const whose = { refundId: refund.id, operationId: operation.id }
    await recordRefundResult(deps, tx, SOURCE, { ...whose, result })
  })
}

async function askRefund(
  deps: Deps,
  { operation, payment, gateway }: Work,
  refund: RefundRecord,
  gatewayPaymentId: string,
): Promise<Call<RefundReport> | undefined> {
  const exchange = gateway.connector.syncRefund
  if (exchange === undefined) return undefined
  return callGateway(deps, gateway, {
    kind: 'sync_refund',
    exchange,
    input: {
      reference: refund.reference,
      gatewayRefundId: refund.gatewayRefundId,
      gatewayPaymentId,
      amount: refund.amount,
    },
    paymentId: payment.id,
    operationId: operation.id,
  })
}
