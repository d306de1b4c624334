// Why an attempt was refused, in our words. Juspay passes on what the gateway behind it says: codes of issuers (ISO
// 8583), of UPI, or free text. A code that says nothing is looked for in the text beside it; what is in neither is
// `other`, and the raw one is kept.
import type { DeclineCode } from '../../domain/payment/decline-codes.ts'
import type { Decline, DeclineStage } from '../../domain/payment/report.ts'
import { lookUp } from './statuses.ts'

const CODES: Readonly<Record<string, DeclineCode>> = {
  '05': 'do_not_honor',
  '14': 'instrument_invalid',
  '41': 'card_blocked',
  '43': 'card_blocked',
  '51': 'insufficient_funds',
  '54': 'expired_card',
  '57': 'not_permitted',
  '58': 'not_permitted',
  '59': 'suspected_fraud',
  '61': 'limit_exceeded',
  '62': 'not_permitted',
  '65': 'limit_exceeded',
  '91': 'issuer_unavailable',
  // UPI (NPCI's response codes).
  K1: 'suspected_fraud',
  U16: 'suspected_fraud',
  U69: 'authentication_timed_out',
  Z7: 'limit_exceeded',
  Z8: 'limit_exceeded',
  Z9: 'insufficient_funds',
  ZA: 'canceled_by_payer',
  ZM: 'authentication_failed',
  ZX: 'instrument_invalid',
  // Juspay's own.
  JP_002: 'canceled_by_payer',
  JP_852: 'other',
}

const TEXTS: readonly (readonly [RegExp, DeclineCode])[] = [
  [/(in|not )sufficient|not enough/i, 'insufficient_funds'],
  [/limit/i, 'limit_exceeded'],
  [/expired card|card (has )?expired/i, 'expired_card'],
  [/timed? ?out|collect (request )?expired/i, 'authentication_timed_out'],
  [/cancel/i, 'canceled_by_payer'],
  [/fraud|risk/i, 'suspected_fraud'],
  [/blocked|stolen|lost/i, 'card_blocked'],
  [/do not hono/i, 'do_not_honor'],
  [/unavailable|inoperative/i, 'issuer_unavailable'],
  [/not permitted|not allowed/i, 'not_permitted'],
  [/invalid (card|vpa|account|instrument)|instrument invalid/i, 'instrument_invalid'],
  [/authentication|otp|pin/i, 'authentication_failed'],
]

export function toDecline(stage: DeclineStage, gatewayCode: string, text: string): Decline {
  const known = lookUp(CODES, gatewayCode) ?? TEXTS.find(([pattern]) => pattern.test(text))?.[1]
  const code = known ?? (stage === 'authentication' ? 'authentication_failed' : 'other')
  return { stage, code, gatewayCode }
}
