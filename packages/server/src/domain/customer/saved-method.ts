// A way to pay that a customer kept. What is here is what a payer recognises it by; only its gateway can charge it, by
// a name of its own that is of use with the account's credentials alone. There is no card number here, whole or hashed.
import type { CustomerId, GatewayAccountId, PaymentId, SavedMethodId } from '../../kernel/ids.ts'

export const SAVED_METHOD_KINDS = ['card', 'upi', 'wallet'] as const
export type SavedMethodKind = (typeof SAVED_METHOD_KINDS)[number]

/** What a gateway tells of what it kept, in the report of the payment that it was kept with. */
export type KeptMethodReport = {
  readonly gatewayMethodId: string
  readonly kind: SavedMethodKind
  readonly network?: string
  readonly funding?: string
  readonly issuer?: string
  readonly bin?: string
  readonly lastFour?: string
  /** The last month in which the card is good, 1 to 12, and its year with four digits. */
  readonly expiry?: { readonly month: number; readonly year: number }
  readonly vpa?: string
  readonly wallet?: string
}

export type SavedMethodFacts = {
  readonly kind: SavedMethodKind
  readonly network: string | null
  readonly funding: string | null
  readonly issuer: string | null
  readonly bin: string | null
  readonly lastFour: string | null
  readonly expiry: { readonly month: number; readonly year: number } | null
  readonly vpaMasked: string | null
  readonly wallet: string | null
}

export type SavedMethod = SavedMethodFacts & {
  readonly id: SavedMethodId
  readonly customerId: CustomerId
  readonly gatewayAccountId: GatewayAccountId
  readonly gatewayMethodId: string
  /** The payment that it was kept with. */
  readonly paymentId: PaymentId
  readonly createdAt: Date
  /** When a payment that succeeded was started with it. */
  readonly lastUsedAt: Date
}

/** Undefined where the report does not say what a payer would recognise it by: then it is not kept. */
export function factsOf(report: KeptMethodReport): SavedMethodFacts | undefined {
  const { kind, network, funding, issuer, bin, lastFour, expiry, vpa, wallet } = report
  const nothing = { network: null, funding: null, issuer: null, bin: null, lastFour: null, expiry: null }
  if (kind === 'upi') {
    return vpa === undefined ? undefined : { ...nothing, kind, vpaMasked: maskVpa(vpa), wallet: null }
  }
  if (kind === 'wallet') {
    return wallet === undefined ? undefined : { ...nothing, kind, vpaMasked: null, wallet }
  }
  if (lastFour === undefined) return undefined
  return {
    kind,
    network: network ?? null,
    funding: funding ?? null,
    issuer: issuer ?? null,
    bin: bin ?? null,
    lastFour,
    expiry: expiry ?? null,
    vpaMasked: null,
    wallet: null,
  }
}

/** `asha.sharma@bank` is `as•••@bank`: enough to know one's own by, too little to ask somebody for money. */
export function maskVpa(vpa: string): string {
  const at = vpa.lastIndexOf('@')
  const [name, bank] = at === -1 ? [vpa, ''] : [vpa.slice(0, at), vpa.slice(at)]
  return `${name.slice(0, name.length > 3 ? 2 : 1)}•••${bank}`
}
