// A mandate as the sandbox tells of it, in our words.
import type { MandateReport } from '../../domain/mandate/report.ts'
import type { MandateStatus } from '../../domain/mandate/states.ts'
import { parseInstant } from '../../kernel/clock.ts'
import type { SandboxMandate } from './wire.ts'
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
