// One use of a mandate: the payment that registered it, or a charge. Its status follows its payment; what it adds is
// that it holds the period. Of one period at most one is waiting, open, unknown or captured; a decline frees it.
import type {
  GatewayAccountId,
  MandateExecutionId,
  MandateId,
  OrderId,
  PaymentId,
  PreDebitNoticeId,
} from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import { PAYMENT_TABLE } from '../payment/states.ts'
import type { PaymentStatus } from '../payment/states.ts'
import { allowedTransitions } from '../state-table.ts'
import type { Day } from './calendar.ts'

export const EXECUTION_STATUSES = [
  'waiting', // Nothing was sent: the notice or the day is awaited.
  'open',
  'unknown',
  'captured',
  'declined',
  'failed',
  'canceled', // Never sent.
  'surplus', // Captured although the period was used: a conflict, given back.
] as const
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]

/** Tries of one period that the scheme allows. */
export const MAX_TRIES = 4

export type MandateExecution = {
  readonly id: MandateExecutionId
  readonly mandateId: MandateId
  readonly orderId: OrderId
  readonly paymentId: PaymentId
  readonly gatewayAccountId: GatewayAccountId
  readonly kind: 'registration' | 'charge'
  /** Null where the frequency has none, or the registration does not use one. */
  readonly period: string | null
  /** 1 to `MAX_TRIES` within the period. */
  readonly try: number
  readonly debitDay: Day
  readonly amount: Money
  readonly status: ExecutionStatus
  readonly version: number
  readonly noticeId: PreDebitNoticeId | null
  /** Above the limit: the payer has to confirm this charge. */
  readonly additionalFactor: boolean
  readonly reason: string | null
  /** Further tries, by themselves, should this one be declined. */
  readonly retriesLeft: number
  /** When a declined one is tried again; null once that was done, or will not be. */
  readonly retryAt: Date | null
  /** A charge that still waits then is given up. */
  readonly deadlineAt: Date
  /** When the guard looked at the mandate and let it go. */
  readonly startedAt: Date | null
  /** When the call last left. */
  readonly sentAt: Date | null
  readonly createdAt: Date
}

/** Whether an execution in this status keeps others out of its period. */
export function holdsPeriod(status: ExecutionStatus): boolean {
  return status === 'waiting' || status === 'open' || status === 'unknown' || status === 'captured'
}

/** The status that a payment gives its execution. */
export function executionStatusOf(payment: PaymentStatus, started: boolean): ExecutionStatus {
  switch (payment) {
    case 'created':
      return 'waiting'
    case 'requires_action':
    case 'processing':
    case 'authorized':
      return 'open'
    case 'unknown':
    case 'captured':
    case 'declined':
      return payment
    case 'failed':
    case 'expired':
    case 'canceled':
    case 'voided':
      return started ? 'failed' : 'canceled'
  }
}

/** What the database is told to allow: what follows from a payment's own transitions, and the way into `surplus`. */
export function executionTransitions(): readonly (readonly [ExecutionStatus, ExecutionStatus])[] {
  const pairs = new Map<string, readonly [ExecutionStatus, ExecutionStatus]>()
  const add = (from: ExecutionStatus, to: ExecutionStatus) => {
    if (from !== to) pairs.set(`${from} ${to}`, [from, to])
  }
  for (const [from, to] of allowedTransitions(PAYMENT_TABLE)) {
    for (const started of [true, false]) {
      const before = executionStatusOf(from, started)
      const after = executionStatusOf(to, started)
      add(before, after)
      if (after === 'captured') add(before, 'surplus')
    }
  }
  return [...pairs.values()]
}
