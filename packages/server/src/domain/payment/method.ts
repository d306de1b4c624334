// How a payer pays. A card is only ever a token here: card numbers are refused at the edge.
import type { CustomerId, SavedMethodId } from '../../kernel/ids.ts'
import type { SavedMethodKind } from '../customer/saved-method.ts'

// `gateway_page`: on the gateway's own page, where the payer chooses; what was chosen is told by the payment's facts.
export const PAYMENT_METHODS = [
  'upi',
  'card',
  'netbanking',
  'wallet',
  'cash_on_delivery',
  'gateway_page',
  'cash',
  'cheque',
  'bank_transfer',
] as const
export type PaymentMethod = (typeof PAYMENT_METHODS)[number]

/** Recorded by a person, without an order and without a gateway: money on account. */
export const OFFLINE_METHODS = ['cash', 'cheque', 'bank_transfer'] as const satisfies readonly PaymentMethod[]
export type OfflineMethod = (typeof OFFLINE_METHODS)[number]

export function isOffline(method: PaymentMethod): method is OfflineMethod {
  return (OFFLINE_METHODS as readonly PaymentMethod[]).includes(method)
}

export const UPI_FLOWS = ['intent', 'qr', 'collect'] as const
export type UpiFlow = (typeof UPI_FLOWS)[number]

/** What the payer chose, as a connector needs it. */
export type Instrument =
  | { readonly method: 'card'; readonly token: string }
  | { readonly method: 'upi'; readonly flow: UpiFlow; readonly vpa?: string }
  | { readonly method: 'netbanking'; readonly bank: string }
  | { readonly method: 'wallet'; readonly wallet: string }
  | { readonly method: 'cash_on_delivery' }
  | { readonly method: 'gateway_page' }

/** One that the customer kept: only the gateway that made the name can charge it, and only for that customer. */
export type SavedInstrument = {
  readonly method: SavedMethodKind
  readonly gatewayMethodId: string
  readonly customerId: CustomerId
}

/** What is kept of it. Whoever holds a card's token can charge the card: it goes to the gateway and nowhere else. */
export type KeptInstrument = (
  | Exclude<Instrument, { readonly method: 'card' }>
  | { readonly method: 'card' }
  | { readonly method: OfflineMethod }
) & {
  /** The payer asked to keep it for the next time. */
  readonly save?: true
  /** The one of the customer's that it is. */
  readonly savedMethodId?: SavedMethodId
}

export function keptInstrument(instrument: Instrument): KeptInstrument {
  return instrument.method === 'card' ? { method: 'card' } : instrument
}
