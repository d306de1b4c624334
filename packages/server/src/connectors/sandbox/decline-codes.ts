// The sandbox's rejection codes in our words. A code that is not here is `other`, and the raw one is kept beside it.
import type { DeclineCode } from '../../domain/payment/decline-codes.ts'
import { DECLINES } from '../../domain/payment/decline-codes.ts'
import type { Decline } from '../../domain/payment/report.ts'

const CODES: Readonly<Record<string, DeclineCode>> = {
  '51': 'insufficient_funds',
  '61': 'limit_exceeded',
  '05': 'do_not_honor',
  '54': 'expired_card',
  '43': 'card_blocked',
  '14': 'instrument_invalid',
  '91': 'issuer_unavailable',
  '57': 'not_permitted',
  A1: 'authentication_failed',
  A2: 'authentication_timed_out',
  A9: 'canceled_by_payer',
  '59': 'suspected_fraud',
  '96': 'other',
}

export function toDecline(gatewayCode: string): Decline {
  const code = Object.hasOwn(CODES, gatewayCode) ? (CODES[gatewayCode] ?? 'other') : 'other'
  return { stage: DECLINES[code].stage, code, gatewayCode }
}
