// What the merchant wants paid. The amounts beside the status are totals over its counted payments.
import type { CustomerId, MandateId, OrderId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { OrderStatus } from './states.ts'

export type PayerDetails = {
  readonly name: string | null
  readonly email: string | null
  readonly phone: string | null
}

export type Order = {
  readonly id: OrderId
  /** The merchant's own, unique per merchant and mode whatever its case. */
  readonly reference: string
  readonly amount: Money
  readonly description: string
  readonly customerId: CustomerId | null
  readonly payer: PayerDetails
  readonly metadata: Readonly<Record<string, string>>
  readonly returnUrl: string | null
  readonly capture: 'automatic' | 'manual'
  /** The mandate that is registered with it, or that it is charged to. */
  readonly mandateId: MandateId | null
  /** What to do with money that arrives after the order expired. */
  readonly lateSuccess: 'accept' | 'refund'
  readonly status: OrderStatus
  readonly paidLate: boolean
  /** Of its own payments, and allocated to it from others. */
  readonly amountCaptured: Money
  readonly amountRefunded: Money
  /** Of the captured amount: applied from payments that are not its own. */
  readonly amountAllocated: Money
  /** Of that: given back since. */
  readonly amountAllocatedRefunded: Money
  /** Raised when what is to be paid changes; sessions of an older one are refused. */
  readonly termsVersion: number
  readonly version: number
  readonly expiresAt: Date | null
  readonly expiredAt: Date | null
  readonly canceledAt: Date | null
  readonly paidAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
