// What the tests start from: a payment's timeline as the API tells it. Not part of the dashboard.
import type { Timeline } from '../api.ts'

const ID = 'pay_0000000000000000000000000a'

/** Captured at 10:00:02, and nothing else; `parts` takes the place of whole lists. */
export function givenTimeline(parts: Partial<Timeline> = {}): Timeline {
  return {
    object: 'timeline',
    payment: givenPayment(),
    order: givenOrder(),
    transitions: [
      givenTransition(1, null, 'created', '2026-11-20T10:00:00.000Z'),
      givenTransition(2, 'created', 'captured', '2026-11-20T10:00:02.000Z'),
    ],
    operations: [],
    refunds: [],
    postings: [],
    conflicts: [],
    deliveries: [],
    disputes: [],
    ...parts,
  }
}

type Status = Timeline['payment']['status']

export function givenTransition(version: number, from: Status | null, to: Status, at: string) {
  return {
    version,
    from,
    to,
    event: to,
    cause: 'reply' as const,
    actor: 'session:ses_1',
    request_id: null,
    details: {},
    at,
  }
}

export function givenPayment(): Timeline['payment'] {
  return {
    id: ID,
    object: 'payment',
    order_id: 'ord_0000000000000000000000000a',
    session_id: null,
    gateway_account_id: 'gwa_0000000000000000000000000a',
    gateway_payment_id: 'sbx_1',
    reference: 'PUR1A2B3C',
    origin: 'ours',
    status: 'captured',
    amount: 123450,
    currency: 'INR',
    amount_authorized: 123450,
    amount_captured: 123450,
    amount_refunded: 0,
    amount_refund_pending: 0,
    amount_disputed: 0,
    amount_allocated: 0,
    amount_reversed: 0,
    capture: 'automatic',
    capture_final: true,
    method: 'card',
    facts: {
      network: 'visa',
      funding: 'credit',
      issuer: 'Sandbox Bank',
      last_four: '0005',
      vpa: null,
      bank: null,
      rrn: '123456789012',
      auth_code: null,
    },
    action: null,
    decline: null,
    failure_reason: null,
    duplicate: false,
    late: false,
    version: 2,
    created_at: '2026-11-20T10:00:00.000Z',
    updated_at: '2026-11-20T10:00:02.000Z',
    captured_at: '2026-11-20T10:00:02.000Z',
    mandate_id: null,
  }
}

function givenOrder(): Timeline['order'] {
  return {
    id: 'ord_0000000000000000000000000a',
    object: 'order',
    mandate_id: null,
    reference: 'INV-1042',
    status: 'paid',
    amount: 123450,
    currency: 'INR',
    amount_captured: 123450,
    amount_refunded: 0,
    amount_allocated: 0,
    amount_due: 0,
    description: 'Two cotton shirts',
    customer_id: null,
    payer: { name: 'Asha Rao', email: null, phone: null },
    metadata: {},
    return_url: null,
    capture: 'automatic',
    late_success: 'accept',
    paid_late: false,
    version: 2,
    expires_at: null,
    paid_at: '2026-11-20T10:00:02.000Z',
    canceled_at: null,
    expired_at: null,
    created_at: '2026-11-20T09:59:00.000Z',
    updated_at: '2026-11-20T10:00:02.000Z',
  }
}
