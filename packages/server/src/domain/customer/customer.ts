// Who pays, as the merchant knows them. The reference is the merchant's own; details may be missing, and none is
// checked.
import type { CustomerId } from '../../kernel/ids.ts'

export type CustomerDetails = {
  readonly givenName: string | null
  readonly familyName: string | null
  readonly email: string | null
  readonly phone: string | null
  /** Digits of the country code, without a plus. */
  readonly phoneCountry: string
}

export type Customer = CustomerDetails & {
  readonly id: CustomerId
  /** Unique per merchant and mode; compared as it is written. */
  readonly reference: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
