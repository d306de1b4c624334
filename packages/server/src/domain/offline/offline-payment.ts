// Money that no gateway moves, as a person recorded it. The payment beside it has the amounts; this has what the paper
// or the bank statement says, and what became of it. It is never edited.
import type { CustomerId, PaymentId } from '../../kernel/ids.ts'
import type { OfflineMethod } from '../payment/method.ts'
import type { OfflineStatus } from './states.ts'

/** What names the money. A day is YYYY-MM-DD. */
export type OfflineInstrument =
  | { readonly method: 'cash' }
  | { readonly method: 'cheque'; readonly bank: string; readonly number: string; readonly date: string }
  | { readonly method: 'bank_transfer'; readonly utr: string; readonly bank: string | null }

export type OfflinePayment = {
  readonly paymentId: PaymentId
  readonly instrument: OfflineInstrument
  readonly status: OfflineStatus
  readonly version: number
  /** Whose credit it is. */
  readonly customerId: CustomerId | null
  readonly receivedAt: Date
  /** Who took it, in the merchant's words. */
  readonly receivedBy: string | null
  readonly note: string
  /** Who recorded it, as `actorName` says it. */
  readonly recordedBy: string
  readonly clearedAt: Date | null
  /** When it bounced or was reversed, by whom, and why. */
  readonly end: { readonly at: Date; readonly by: string; readonly reason: string } | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Cash and transfers are there when they are recorded. */
export function firstStatus(method: OfflineMethod): OfflineStatus {
  return method === 'cheque' ? 'recorded' : 'cleared'
}
