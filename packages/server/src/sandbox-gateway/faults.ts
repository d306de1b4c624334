// The fault plan: what a test may make this gateway do wrong, beyond what its instruments do. One table for the API,
// the documentation and the code. `on` says where a fault can strike: at a call, or at a notification being written.

export const GATEWAY_CALLS = [
  'authorize',
  'capture',
  'void',
  'cancel',
  'refund',
  'query',
  'query_refund',
  'charge_mandate',
  'change_mandate',
  'notify_debit',
  'query_mandate',
  'accept_dispute',
  'submit_evidence',
  'query_dispute',
  'notification',
] as const
export type GatewayCall = (typeof GATEWAY_CALLS)[number]

type Entry = { readonly on: readonly ('call' | 'notification')[]; readonly does: string }

export const FAULTS = {
  refuse: {
    on: ['call'],
    does: 'Nothing is applied; the answer is a refusal (`status`: 401, 409, 422 or 429, which is the default).',
  },
  lost_request: { on: ['call'], does: 'Nothing is applied; the connection is cut.' },
  lost_reply: { on: ['call'], does: 'Applied; the connection is cut instead of an answer.' },
  hang: { on: ['call'], does: 'Applied; the connection stays open without an answer for up to two minutes.' },
  http_500: { on: ['call'], does: 'The answer is 500; applied unless `applied` is false.' },
  garbage: { on: ['call'], does: 'Applied; the answer is 200 with an HTML page.' },
  half_body: { on: ['call'], does: 'Applied; the connection is cut in the middle of the answer.' },
  late_request: { on: ['call'], does: 'Applied only after `delay_ms`, whether the caller still waits or not.' },
  delay: { on: ['call', 'notification'], does: 'Applied at once, told only after `delay_ms`.' },
  silent: { on: ['call', 'notification'], does: 'Applied; the connection is cut, the notification is not sent.' },
  wrong_amount: { on: ['call', 'notification'], does: 'Every amount is told one minor unit too high.' },
  wrong_currency: { on: ['call', 'notification'], does: 'Another currency is told.' },
  wrong_reference: { on: ['call', 'notification'], does: 'Another reference is told, as of another object.' },
  forget_idempotency: {
    on: ['call'],
    does: 'The gateway forgets that it knows the reference or key and does the work again.',
  },
  notice_first: { on: ['call'], does: 'The notification is sent and answered before the call is answered.' },
  duplicate: { on: ['notification'], does: 'The notification is sent `copies` times (5 by default).' },
  bad_signature: { on: ['notification'], does: 'The notification is signed with another secret.' },
} as const satisfies Record<string, Entry>

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

export type FaultParameters = {
  readonly status?: 401 | 409 | 422 | 429
  readonly applied?: boolean
  readonly delay_ms?: number
  readonly copies?: number
}

/** A fault that strikes now. */
export type Fault = { readonly name: FaultName; readonly parameters: FaultParameters }

/** What a fault may be set on. `any` is every call and every notification. */
export const FAULT_TARGETS = [...GATEWAY_CALLS, 'any'] as const

/** The longest wait a fault may ask for, ms: the connector's grace for "never seen it" is longer. */
export const LONGEST_DELAY_MS = 60_000

export function strikes(name: FaultName, call: GatewayCall): boolean {
  const on: readonly string[] = FAULTS[name].on
  return on.includes(call === 'notification' ? 'notification' : 'call')
}
