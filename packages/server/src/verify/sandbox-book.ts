// The sandbox gateway's book over its own API, as anybody could read it: what is compared is what the stranger says,
// not what lies in its tables.
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { isCurrency } from '../kernel/currencies.ts'
import { parseJson } from '../kernel/json.ts'
import { parseDecimal } from '../kernel/money.ts'
import type { GatewayBook, TheirPayment } from './gateway-book.ts'

const Refund = Type.Object({
  id: Type.String(),
  reference: Type.String(),
  status: Type.String(),
  amount: Type.String(),
})
const Dispute = Type.Object({ id: Type.String(), status: Type.String(), amount: Type.String() })
const Payment = Type.Object({
  id: Type.String(),
  reference: Type.String(),
  status: Type.String(),
  currency: Type.String(),
  amount: Type.String(),
  held: Type.String(),
  paid: Type.String(),
  returned: Type.String(),
  refunds: Type.Array(Refund),
  disputes: Type.Optional(Type.Array(Dispute)),
})
const Page = Type.Object({
  payments: Type.Array(Payment),
  next: Type.Union([Type.String(), Type.Null()]),
})

/** `get` answers the body of a GET of `path` below the gateway's address, with the admin token; throws for no 200. */
export function sandboxBook(source: {
  readonly gatewayAccountId: string
  readonly sandboxAccountId: string
  get(path: string): Promise<string>
}): GatewayBook {
  return {
    gatewayAccountId: source.gatewayAccountId,
    async *read() {
      let after: string | null = ''
      while (after !== null) {
        const path: string = `/sandbox/accounts/${source.sandboxAccountId}/book?limit=50&after=${after}`
        const page = parseJson(Buffer.from(await source.get(path))).value
        if (!Value.Check(Page, page)) throw new Error('The sandbox gateway answered something that is not its book.')
        for (const payment of page.payments) yield toPayment(payment)
        after = page.next
      }
    },
  }
}

function toPayment(payment: Type.Static<typeof Payment>): TheirPayment {
  const { currency } = payment
  if (!isCurrency(currency)) throw new Error(`The sandbox gateway's book has the currency ${currency}.`)
  const minor = (text: string) => parseDecimal(text, currency).minor
  return {
    id: payment.id,
    reference: payment.reference,
    status: payment.status,
    currency,
    amountMinor: minor(payment.amount),
    heldMinor: minor(payment.held),
    paidMinor: minor(payment.paid),
    returnedMinor: minor(payment.returned),
    refunds: payment.refunds.map((refund) => ({ ...refund, amountMinor: minor(refund.amount) })),
    disputes: (payment.disputes ?? []).map((dispute) => ({ ...dispute, amountMinor: minor(dispute.amount) })),
  }
}
