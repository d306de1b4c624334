// What /sdk/v1 says to a page, as the contract has it. Everything here came over the network, so a field that decides
// where the payer is sent (a link) is checked again in links.ts before it is used.
import type { Instrument, SdkPayment, SdkSession, SdkStartPayment } from '@purser/protocol'

export type { Instrument }
/** What the payer chose, and whether it is to be kept for the next time. */
export type Chosen = SdkStartPayment
export type SavedView = SdkSession['saved_methods'][number]
export type PaymentView = SdkPayment
export type SessionView = Omit<SdkSession, 'payments'> & { readonly payments: readonly PaymentView[] }
export type MandateView = NonNullable<SdkSession['mandate']>
export type PaymentStatus = SdkPayment['status']
export type OrderStatus = SdkSession['order']['status']
export type TestInstrument = SdkSession['test_instruments'][number]
export type UpiFlow = Extract<Instrument, { method: 'upi' }>['flow']
