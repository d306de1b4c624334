// One reply that a gateway can give and that means something else than the others: how to bring it about, and what the
// connector makes of it.
import type { MandateChange, MandateTerms } from '../domain/mandate/mandate.ts'
import type { ExchangeKind } from './describe-connector.ts'

export type Scenario = {
  /** Name of the recorded reply, unique. */
  readonly name: string
  readonly kind: ExchangeKind
  readonly says: string
  /** What the connector makes of it, as `toMatchObject` compares. */
  readonly result: object
  /** Before the call: a payment with this token, a capture of it, a refund, time. */
  readonly given?: Given
  /** Changes to the input of the call. */
  readonly input?: object
  /** A fault that strikes the call. */
  readonly fault?: object
  /** Sends the call with a key that nobody has. */
  readonly asStranger?: boolean
}

export type Given = {
  readonly token?: string
  readonly capture?: 'automatic' | 'manual'
  readonly captured?: { readonly minor: bigint; readonly final: boolean }
  readonly voided?: boolean
  readonly refunded?: bigint
  /** How the payer answers on the bank's page. */
  readonly answer?: 'approve' | 'fail' | 'cancel'
  readonly advanceMs?: number
  /** The payment registers a mandate: daily, up to 20,000.00 INR, where nothing else is said. */
  readonly mandate?: Partial<MandateTerms>
  /** The mandate was changed so before. */
  readonly changed?: MandateChange
  /** The call itself was made before, the same or with these changes. */
  readonly before?: object
}
