// What /sdk/v1 says to a page: the part of it that this page reads. Everything here came over the network, so a field
// that decides where the payer is sent (a link) is checked again in links.ts before it is used.

export type PaymentStatus =
  | 'created'
  | 'requires_action'
  | 'processing'
  | 'unknown'
  | 'failed'
  | 'expired'
  | 'canceled'
  | 'declined'
  | 'authorized'
  | 'voided'
  | 'captured'

export type PayerAction =
  | { readonly type: 'redirect'; readonly url: string }
  | { readonly type: 'upi_intent'; readonly uri: string }
  | { readonly type: 'upi_collect'; readonly vpa: string }
  | { readonly type: 'collect_cash' }

export type PaymentView = {
  readonly id: string
  readonly status: PaymentStatus
  readonly method: string
  readonly action: PayerAction | null
  readonly decline: { readonly code: string; readonly message: string } | null
}

export type OrderStatus =
  | 'open'
  | 'awaiting_collection'
  | 'processing'
  | 'authorized'
  | 'partially_paid'
  | 'paid'
  | 'expired'
  | 'canceled'

export type UpiFlow = 'intent' | 'qr' | 'collect'

export type TestCard = {
  readonly token: string
  readonly label: string
  readonly brand: string
  readonly last_four: string
  readonly hint: string
}

export type NamedChoice = { readonly code: string; readonly name: string; readonly hint?: string }

export type MethodChoice =
  | { readonly method: 'upi'; readonly flows: readonly UpiFlow[] }
  | { readonly method: 'card'; readonly cards: readonly TestCard[] }
  | { readonly method: 'netbanking'; readonly banks: readonly NamedChoice[] }
  | { readonly method: 'wallet'; readonly wallets: readonly NamedChoice[] }

export type Instrument =
  | { readonly method: 'upi'; readonly flow: UpiFlow; readonly vpa?: string }
  | { readonly method: 'card'; readonly token: string }
  | { readonly method: 'netbanking'; readonly bank: string }
  | { readonly method: 'wallet'; readonly wallet: string }

export type SessionView = {
  readonly session: {
    readonly id: string
    readonly order_id: string
    readonly status: 'open' | 'claimed' | 'closed' | 'expired'
    readonly expires_at: string
  }
  readonly order: {
    readonly reference: string
    readonly description: string
    /** Minor units. */
    readonly amount: number
    readonly currency: string
    /** Decimals of the minor unit, by ISO 4217. */
    readonly exponent: number
    readonly status: OrderStatus
  }
  readonly merchant: { readonly name: string }
  readonly methods: readonly MethodChoice[]
  /** Every attempt of this order, newest last. */
  readonly payments: readonly PaymentView[]
  readonly return_url: string | null
  readonly test_mode: boolean
  readonly can_pay: boolean
}
