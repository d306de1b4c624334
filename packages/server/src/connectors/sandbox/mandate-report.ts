// A mandate and a pre-debit notice as the sandbox tells of them, in our words.
import type { MandateReport, NoticeReport } from '../../domain/mandate/report.ts'
import type { MandateStatus } from '../../domain/mandate/states.ts'
import { parseInstant } from '../../kernel/clock.ts'
import type { SandboxMandate, SandboxNotice } from './wire.ts'
import { readMoney } from './wire.ts'

const STATES: Readonly<Record<string, MandateStatus>> = {
  CREATED: 'created',
  ACTIVE: 'active',
  PAUSED: 'paused',
  REVOKED: 'revoked',
  EXPIRED: 'expired',
  FAILED: 'failed',
}

/** Undefined when it cannot be read, and so is not to be believed. */
export function toMandateReport(mandate: SandboxMandate): MandateReport | undefined {
  const state = Object.hasOwn(STATES, mandate.status) ? STATES[mandate.status] : undefined
  const maxAmount = readMoney(mandate.max_amount, mandate.currency)
  const pausedUntil = mandate.pause_until === null ? null : parseInstant(mandate.pause_until)
  if (state === undefined || maxAmount === undefined || pausedUntil === undefined) return undefined
  return {
    gatewayMandateId: mandate.id,
    reference: mandate.reference,
    state,
    maxAmount,
    sequence: mandate.version,
    pausedUntil,
  }
}

const NOTICE_STATES: Readonly<Record<string, NoticeReport['state']>> = {
  SENDING: 'pending',
  SENT: 'succeeded',
  FAILED: 'failed',
}

/** Undefined when it cannot be read, and so is not to be believed. */
export function toNoticeReport(notice: SandboxNotice): NoticeReport | undefined {
  const state = Object.hasOwn(NOTICE_STATES, notice.status) ? NOTICE_STATES[notice.status] : undefined
  const amount = readMoney(notice.amount, notice.currency)
  if (amount === undefined || state === undefined) return undefined
  const { id: gatewayNoticeId, reference, failure = null } = notice
  return { gatewayNoticeId, reference, state, amount, failureReason: failure }
}
