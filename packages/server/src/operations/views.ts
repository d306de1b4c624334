// What is read together, as types alone: whoever asks and whoever formats can both name them.
import type { Customer } from '../domain/customer/customer.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'

export type OrderView = {
  readonly order: Order
  readonly payments: readonly PaymentRecord[]
  readonly refunds: readonly RefundRecord[]
  /** What it registers or is a charge of. */
  readonly mandate?: Mandate
  /** Whose it is; absent for a guest's. */
  readonly customer?: Customer
}

/** A mandate with what it belongs to. */
export type MandateFacts = {
  readonly mandate: Mandate
  /** The order that it is registered with. */
  readonly order: Order
  /** The attempt that registered it, or tries to; null before the first one. */
  readonly payment: PaymentRecord | null
  readonly customer: Customer | null
}
