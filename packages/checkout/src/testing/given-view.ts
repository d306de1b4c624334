// What the tests of this page start from: a session as the server tells it. Not part of the page.
import type { OrderStatus, PaymentStatus, PaymentView, SessionView } from '../page/wire.ts'

export function givenPayment(id: string, status: PaymentStatus): PaymentView {
  return { id, status, method: 'card', action: null, decline: null }
}

type Given = {
  readonly status?: OrderStatus
  readonly payments?: readonly PaymentView[]
  readonly canPay?: boolean
  readonly returnUrl?: string | null
  readonly sessionStatus?: SessionView['session']['status']
}

export function givenView(given: Given): SessionView {
  return {
    session: {
      id: 'ses_1',
      order_id: 'ord_1',
      status: given.sessionStatus ?? 'open',
      expires_at: '2026-11-20T12:00:00.000Z',
    },
    order: {
      reference: 'INV-1',
      description: '',
      amount: 100,
      currency: 'INR',
      exponent: 2,
      status: given.status ?? 'open',
    },
    merchant: { name: 'Shop' },
    methods: [],
    payments: given.payments ?? [],
    return_url: given.returnUrl ?? null,
    test_mode: true,
    can_pay: given.canPay ?? false,
  }
}
