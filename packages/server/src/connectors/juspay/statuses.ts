// Every status word that is known of an order or a transaction, and what it means for money (wire juspay 2.1). By the
// text alone: two words share the number 40, and samples differ in others. A word that is not here is unknown, never a
// failure.
import type { DeclineStage, ReportedRefundState } from '../../domain/payment/report.ts'
import type { MandateStatus } from '../../domain/mandate/states.ts'

/** Both enumerations of wire juspay 2.1, the words that only tables show, and those of section 11. */
export const STATUS_WORDS = [
  'NEW',
  'CREATED',
  'STARTED',
  'PENDING',
  'PENDING_AUTHENTICATION',
  'PENDING_VBV',
  'VBV_SUCCESSFUL',
  'AUTHORIZING',
  'AUTHORIZED',
  'CAPTURE_INITIATED',
  'CAPTURE_FAILED',
  'CHARGED',
  'SUCCESS',
  'PARTIAL_CHARGED',
  'TO_BE_CHARGED',
  'COD_INITIATED',
  'VOID_INITIATED',
  'VOID_FAILED',
  'VOIDED',
  'MERCHANT_VOIDED',
  'AUTO_VOIDED',
  'AUTO_REFUNDED',
  'AUTHENTICATION_FAILED',
  'AUTHORIZATION_FAILED',
  'JUSPAY_DECLINED',
  'DECLINED',
  'FAILURE',
  'NOP',
  'ERROR',
  'NOT_FOUND',
] as const
export type StatusWord = (typeof STATUS_WORDS)[number]

export type Meaning =
  /** Nobody has tried to pay. */
  | 'untried'
  /** Tried, and no outcome yet. */
  | 'pending'
  /** The money is set aside, and stays so whatever became of a capture or a void. */
  | 'held'
  | 'charged'
  | 'partly_charged'
  | 'refused'
  /** A hold was given back. */
  | 'released'
  /** Juspay took the money and gave it back by itself: a second success, which is not ours to book. */
  | 'given_back'
  /** Says nothing about money. */
  | 'unclear'

const MEANINGS: Readonly<Record<StatusWord, Meaning>> = {
  NEW: 'untried',
  CREATED: 'untried',
  STARTED: 'pending',
  PENDING: 'pending',
  PENDING_AUTHENTICATION: 'pending',
  PENDING_VBV: 'pending',
  VBV_SUCCESSFUL: 'pending',
  AUTHORIZING: 'pending',
  AUTHORIZED: 'held',
  CAPTURE_INITIATED: 'held',
  CAPTURE_FAILED: 'held',
  CHARGED: 'charged',
  SUCCESS: 'charged',
  PARTIAL_CHARGED: 'partly_charged',
  // The merchant has to act, or the courier to collect: nothing was taken yet.
  TO_BE_CHARGED: 'pending',
  COD_INITIATED: 'pending',
  VOID_INITIATED: 'held',
  VOID_FAILED: 'held',
  VOIDED: 'released',
  MERCHANT_VOIDED: 'released',
  AUTO_VOIDED: 'released',
  AUTO_REFUNDED: 'given_back',
  AUTHENTICATION_FAILED: 'refused',
  AUTHORIZATION_FAILED: 'refused',
  JUSPAY_DECLINED: 'refused',
  DECLINED: 'refused',
  FAILURE: 'refused',
  NOP: 'unclear',
  ERROR: 'unclear',
  // Told before by the shape of the reply; an order object with it contradicts itself.
  NOT_FOUND: 'unclear',
}

export function meaningOf(word: string): Meaning | undefined {
  return Object.hasOwn(MEANINGS, word) ? MEANINGS[word as StatusWord] : undefined
}

const STAGES: Readonly<Record<string, DeclineStage>> = {
  AUTHENTICATION_FAILED: 'authentication',
  JUSPAY_DECLINED: 'risk',
}

/** Where a refused attempt was refused. */
export function stageOf(word: string): DeclineStage {
  return Object.hasOwn(STAGES, word) ? (STAGES[word] ?? 'authorization') : 'authorization'
}

/** Wire juspay 2.5. */
export const REFUND_STATES: Readonly<Record<string, ReportedRefundState>> = {
  PENDING: 'pending',
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  MANUAL_REVIEW: 'review',
}

/** Wire juspay 4.5. */
export const MANDATE_STATES: Readonly<Record<string, MandateStatus>> = {
  CREATED: 'created',
  ACTIVE: 'active',
  PAUSED: 'paused',
  REVOKED: 'revoked',
  FAILURE: 'failed',
  EXPIRED: 'expired',
}

/** Wire juspay 4.7. */
export const NOTICE_STATES: Readonly<Record<string, 'pending' | 'succeeded' | 'failed'>> = {
  CREATED: 'pending',
  PENDING: 'pending',
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
}

/** A table's entry of its own, never one of the prototype. */
export function lookUp<Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}
