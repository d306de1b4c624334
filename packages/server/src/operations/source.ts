// Where news came from: it stands in the history of whatever it changed.
import type { Cause } from '../domain/payment/record.ts'

/** Where the news came from, for the history. */
export type Source = {
  readonly cause: Cause
  readonly actor: string
  readonly requestId: string | null
  readonly details?: object
}
