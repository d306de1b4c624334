// What the tests of this page start from: a session as the server tells it. Not part of the page.
import type { OrderStatus, PaymentStatus, PaymentView, SessionView } from '../page/wire.ts'

export function givenPayment(id: string, status: PaymentStatus): PaymentView {
  return {
    id,
    object: 'payment',
    status,
    amount: 100,
    currency: 'INR',
    method: 'card',
    action: null,
    decline: null,
    version: 1,
    created_at: '2026-11-20T11:50:00.000Z',
  }
}

type Given = {
  readonly status?: OrderStatus
  readonly payments?: readonly PaymentView[]
  readonly canPay?: boolean
  readonly returnUrl?: string | null
  readonly sessionStatus?: SessionView['status']
  readonly frameOrigins?: string[]
}

export function givenView(given: Given): SessionView {
  return {
    object: 'session',
    id: 'ses_1',
    status: given.sessionStatus ?? 'open',
    can_pay: given.canPay ?? false,
    expires_at: '2026-11-20T12:00:00.000Z',
    return_url: given.returnUrl ?? null,
    frame_origins: given.frameOrigins ?? [],
    merchant: { name: 'Shop', logo: null, color: null },
    mandate: null,
    order: {
      id: 'ord_1',
      reference: 'INV-1',
      description: '',
      amount: 100,
      currency: 'INR',
      exponent: 2,
      status: given.status ?? 'open',
    },
    methods: [],
    saved_methods: [],
    savable: [],
    test_mode: true,
    test_instruments: [],
    payments: given.payments ?? [],
  }
}
