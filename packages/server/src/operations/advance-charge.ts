// Carries a mandate's charge out. One that waits is looked at when it is due: it starts, waits on, or is given up, by
// the same decision as when it was asked for and under the locks. One that has started is asked about; where the
// gateway has certainly never seen it, a crash came between the commit and the call, and it is sent again under the
// same name.
import type { Result } from '../connectors/contract/connector.ts'
import { additionalFactorLimit, decideCharge } from '../domain/mandate/executable.ts'
import type { MandateExecution } from '../domain/mandate/execution.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import type { Order } from '../domain/order/order.ts'
import { transition } from '../domain/payment/payment.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentReport } from '../domain/payment/report.ts'
import { invariant } from '../kernel/errors.ts'
import type { OperationId, Tenant } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { listExecutionsOfPeriod, lockExecutionOfPayment, saveExecution } from '../store/mandate-executions.ts'
import { lockMandate, lookAtMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { holdsLease, postponeOperation, readOperation } from '../store/operations.ts'
import type { ClaimedOperation, Operation } from '../store/operations.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { insertExchange, insertTransition } from '../store/payment-history.ts'
import { listPaymentsOfOrder, lockPayment, savePayment } from '../store/payments.ts'
import { listNoticesForDay, readNotice } from '../store/pre-debit-notices.ts'
import { announcePayment } from './announce.ts'
import type { Deps } from './deps.ts'
import { callGateway, questionAbout } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import { recordPaymentResult } from './record-result.ts'
import type { Source } from './source.ts'
import { refreshOrder } from './refresh-order.ts'
import { stillOpen } from './still-open.ts'

export type Charge = {
  readonly payment: PaymentRecord
  readonly mandate: Mandate
  readonly order: Order
  readonly gateway: OpenAccount
  readonly operationId: OperationId
  readonly notice: PreDebitNotice | null
  readonly debitDay: string
  readonly additionalFactor: boolean
  /** Monotonic time at which it was decided to send it: much later than that it must not leave any more. */
  readonly intendedAtMs: number
}

export function isMandateCharge(operation: Operation, payment: PaymentRecord): boolean {
  return operation.kind === 'authorize' && payment.mandateRole === 'charge'
}

const SOURCE: Source = { cause: 'schedule', actor: 'job:sync-operations', requestId: null }
// Its hour sends a charge; what becomes of it is the gateway's word.
const REPLY: Source = { ...SOURCE, cause: 'reply' }

/** With no transaction open. `notSent`: certainly nothing left us. */
export async function sendCharge(
  deps: Deps,
  tenant: Tenant,
  charge: Charge,
  source: Source,
): Promise<{ readonly payment: PaymentRecord; readonly notSent: boolean }> {
  const { payment, mandate, gateway, operationId } = charge
  const exchange = gateway.connector.chargeMandate
  invariant(
    exchange !== undefined && mandate.gatewayMandateId !== null,
    'A charge is of a mandate that its gateway knows.',
  )
  const call = await callGateway(deps, gateway, {
    kind: 'charge_mandate',
    exchange,
    input: {
      reference: payment.reference,
      gatewayMandateId: mandate.gatewayMandateId,
      customer: mandate.customerId ?? mandate.id,
      amount: payment.amount,
      description: charge.order.description,
      debitDay: charge.debitDay,
      gatewayNoticeId: charge.notice?.gatewayNoticeId ?? null,
      additionalFactor: charge.additionalFactor,
      returnUrl: `${deps.publicUrl()}/return/${payment.id}`,
    },
    paymentId: payment.id,
    operationId,
    intendedAtMs: charge.intendedAtMs,
  })
  const recorded = await deps.store.inTransaction(tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    const after = await recordPaymentResult(deps, tx, source, {
      paymentId: payment.id,
      operationId,
      result: call.result,
    })
    // A gateway that will not have the charge may know of a revocation that we have not heard of.
    if (call.result.kind === 'failed' && !call.notSent) await lookAtMandate(tx, mandate.id)
    return after
  })
  deps.nudge('deliveries')
  return { payment: recorded, notSent: call.notSent }
}

type Found = { readonly payment: PaymentRecord; readonly gateway: OpenAccount; readonly operation: Operation }
type Claimed = Found & { readonly intendedAtMs: number }

type Step =
  | { readonly kind: 'done' }
  | { readonly kind: 'send'; readonly charge: Charge }
  | { readonly kind: 'ask'; readonly execution: MandateExecution }

/** Does nothing when the lease is no longer ours. */
export async function advanceCharge(deps: Deps, claimed: ClaimedOperation, found: Found): Promise<void> {
  const work = { ...found, intendedAtMs: deps.clock.monotonicMs() }
  const step = await deps.store.inTransaction(claimed.tenant, (tx) => prepare(deps, tx, claimed, work))
  if (step.kind === 'send') await sendCharge(deps, claimed.tenant, step.charge, REPLY)
  if (step.kind === 'ask') await ask(deps, claimed, work, step.execution)
}

async function prepare(deps: Deps, tx: Tx, claimed: ClaimedOperation, work: Claimed): Promise<Step> {
  const locked = await lockCharge(tx, claimed, work)
  if (locked === undefined) return { kind: 'done' }
  const { execution, mandate, payment, order, operation } = locked
  if (execution.status !== 'waiting') return { kind: 'ask', execution }
  const { zone } = await readMerchant(tx)
  const others = execution.period === null ? [] : await listExecutionsOfPeriod(tx, mandate.id, execution.period)
  const verdict = decideCharge({
    mandate,
    amount: payment.amount,
    day: execution.debitDay,
    now: tx.now,
    zone,
    others: others.filter((other) => other.id !== execution.id).map((other) => other.status),
    notices: await listNoticesForDay(tx, mandate.id, execution.debitDay),
    boundTo: execution.noticeId,
    additionalFactorMinor: additionalFactorLimit(payment.amount.currency, work.gateway.account.settings),
  })
  const isOver = tx.now.getTime() >= execution.deadlineAt.getTime()
  if (verdict.kind === 'refused' || isOver) {
    const reason = verdict.kind === 'refused' ? verdict.reason : 'day_past'
    await recordPaymentResult(deps, tx, SOURCE, {
      paymentId: payment.id,
      operationId: operation.id,
      result: { kind: 'failed', reason },
    })
    return { kind: 'done' }
  }
  if (verdict.kind === 'wait') {
    const next = { status: 'pending', reason: null, asked: operation.asked, escalate: false, sent: false } as const
    const dueAt = verdict.until < execution.deadlineAt ? verdict.until : execution.deadlineAt
    await postponeOperation(tx, operation.id, { ...next, dueAt })
    return { kind: 'done' }
  }
  const started = await start(tx, order, payment, execution, verdict.additionalFactor)
  const notice = execution.noticeId === null ? null : await readNotice(tx, execution.noticeId)
  const { additionalFactor } = verdict
  const { gateway, intendedAtMs } = work
  const beside = { gateway, operationId: operation.id, debitDay: execution.debitDay, intendedAtMs }
  return { kind: 'send', charge: { ...beside, payment: started, mandate, order, notice, additionalFactor } }
}

type Locked = {
  readonly order: Order
  readonly operation: Operation
  readonly payment: PaymentRecord
  readonly mandate: Mandate
  readonly execution: MandateExecution
}

/** Order, operation, payment, mandate, execution: in this order, like everyone. */
async function lockCharge(tx: Tx, claimed: ClaimedOperation, work: Claimed): Promise<Locked | undefined> {
  const order = await lockOrderOfPayment(tx, work.payment.id)
  if (!(await holdsLease(tx, claimed.id, claimed.leaseToken))) return undefined
  const operation = await readOperation(tx, claimed.id)
  if (operation === undefined || operation.endedAt !== null) return undefined
  const payment = await lockPayment(tx, work.payment.id)
  invariant(payment.mandateId !== null, 'A charge names its mandate.')
  const mandate = await lockMandate(tx, payment.mandateId)
  const execution = await lockExecutionOfPayment(tx, payment.id)
  invariant(execution !== undefined, 'A charge has an execution.')
  return { order, operation, payment, mandate, execution }
}

/** From here on a revocation comes too late for this charge: the guard of the table looks at the mandate now. */
async function start(
  tx: Tx,
  order: Order,
  payment: PaymentRecord,
  execution: MandateExecution,
  additionalFactor: boolean,
): Promise<PaymentRecord> {
  const step = transition(payment, { type: 'started' })
  invariant(step.kind === 'moved', 'A charge that waits has not started.')
  await saveExecution(tx, execution, {
    ...execution,
    status: 'open',
    startedAt: tx.now,
    sentAt: tx.now,
    additionalFactor,
  })
  const after = await savePayment(tx, payment, { ...payment, ...step.payment })
  await insertTransition(tx, {
    paymentId: after.id,
    version: after.version,
    from: payment.status,
    to: after.status,
    event: 'started',
    ...SOURCE,
  })
  await announcePayment(tx, after)
  const attempts = await listPaymentsOfOrder(tx, order.id)
  await refreshOrder(tx, order, attempts)
  return after
}

async function ask(deps: Deps, claimed: ClaimedOperation, work: Claimed, execution: MandateExecution): Promise<void> {
  const { payment, gateway, operation } = work
  const about = { paymentId: payment.id, operationId: operation.id }
  const asked = await callGateway(deps, gateway, {
    kind: 'sync',
    exchange: gateway.connector.sync,
    input: questionAbout(payment),
    ...about,
  })
  const charge = await deps.store.inTransaction(claimed.tenant, async (tx) => {
    const locked = await lockCharge(tx, claimed, work)
    if (locked === undefined) return undefined
    await insertExchange(tx, asked.exchange)
    const sentAt = execution.sentAt ?? execution.startedAt ?? execution.createdAt
    const settled = tx.now.getTime() - sentAt.getTime() >= gateway.connector.absentGraceMs
    if (asked.result.kind === 'absent' && settled && maySendAgain(locked, tx.now)) return sendAgain(tx, locked, work)
    const result = whatItMeans(asked.result, settled)
    await recordPaymentResult(deps, tx, { ...SOURCE, cause: 'sync' }, { ...about, result })
    return undefined
  })
  if (charge !== undefined) await sendCharge(deps, claimed.tenant, charge, REPLY)
}

// Only as long as a fresh charge would be allowed, too.
function maySendAgain({ mandate, execution, operation }: Locked, now: Date): boolean {
  const isStopping = mandate.pendingChange === 'pause' || mandate.pendingChange === 'revoke'
  const inTime = now.getTime() < execution.deadlineAt.getTime() && now.getTime() < mandate.endsAt.getTime()
  return operation.toSend && mandate.status === 'active' && !isStopping && inTime
}

async function sendAgain(tx: Tx, locked: Locked, work: Claimed): Promise<Charge> {
  const { execution, operation } = locked
  await saveExecution(tx, execution, { ...execution, sentAt: tx.now })
  const notice = execution.noticeId === null ? null : await readNotice(tx, execution.noticeId)
  const { order, payment, mandate } = locked
  const { debitDay, additionalFactor } = execution
  return {
    order,
    payment,
    mandate,
    gateway: work.gateway,
    operationId: operation.id,
    notice,
    debitDay,
    additionalFactor,
    intendedAtMs: work.intendedAtMs,
  }
}

function whatItMeans(result: Result<PaymentReport>, settled: boolean): Result<PaymentReport> {
  if (result.kind !== 'absent') return stillOpen(result)
  if (settled) return { kind: 'failed', reason: 'The gateway has never seen it.' }
  return { kind: 'unknown', reason: 'The gateway has not seen it yet.' }
}
