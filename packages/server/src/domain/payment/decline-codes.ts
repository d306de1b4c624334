// Why an issuer or a gateway said no, in plain words. Connectors map their own codes to these; the raw code is kept
// beside. `advice` is what the payer reads: what happened and what to do next, never a code.
export const DECLINES = {
  insufficient_funds: {
    stage: 'authorization',
    advice: 'There is not enough money in this account. Try another payment method.',
  },
  limit_exceeded: {
    stage: 'authorization',
    advice: 'This payment is over a limit set by your bank. Try another payment method or ask your bank.',
  },
  do_not_honor: {
    stage: 'authorization',
    advice: 'Your bank did not approve this payment. Try another payment method or ask your bank.',
  },
  expired_card: { stage: 'authorization', advice: 'This card has expired. Use another card.' },
  card_blocked: { stage: 'authorization', advice: 'This card cannot be used. Use another card or ask your bank.' },
  instrument_invalid: {
    stage: 'authorization',
    advice: 'These payment details were not accepted. Check them or use another payment method.',
  },
  issuer_unavailable: {
    stage: 'authorization',
    advice: 'Your bank could not be reached. Nothing was charged. Try again in a few minutes.',
  },
  not_permitted: {
    stage: 'authorization',
    advice: 'Your bank does not allow this kind of payment. Use another payment method.',
  },
  authentication_failed: {
    stage: 'authentication',
    advice: 'The payment was not confirmed with your bank. Try again and confirm it.',
  },
  authentication_timed_out: {
    stage: 'authentication',
    advice: 'The payment was not confirmed in time. Nothing was charged. Try again.',
  },
  canceled_by_payer: { stage: 'authentication', advice: 'You stopped the payment. Nothing was charged.' },
  suspected_fraud: { stage: 'risk', advice: 'This payment was not accepted. Use another payment method.' },
  other: { stage: 'authorization', advice: 'The payment was not accepted. Try another payment method.' },
} as const

export type DeclineCode = keyof typeof DECLINES

export function isDeclineCode(text: string): text is DeclineCode {
  return Object.hasOwn(DECLINES, text)
}
