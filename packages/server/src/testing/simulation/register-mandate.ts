// A mandate for simulated runs: registered by paying an order, at a gateway that answers.
import { MandateId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import { createOrder } from '../../operations/create-order.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { startPayment } from '../../operations/start-payment.ts'

const CARD = { method: 'card', token: 'tok_approve' } as const
const IN_A_LONG_TIME = new Date('2040-01-01T00:00:00Z')

/** Daily, so that a period is used up by one charge and the next one comes with the next day; and without notices. */
export async function registerMandate(deps: Deps, actor: Actor, amount: Money): Promise<MandateId> {
  const order = await createOrder(deps, actor, {
    reference: 'registration',
    amount,
    mandate: {
      requirement: 'required',
      maxAmount: amount,
      amountRule: 'variable',
      frequency: 'daily',
      dayRule: null,
      startsAt: null,
      endsAt: IN_A_LONG_TIME,
      revocableByCustomer: true,
      blockFunds: false,
      registrationUsesPeriod: false,
    },
  })
  await startPayment(deps, actor, { orderId: order.id, instrument: CARD })
  return MandateId.parse(order.mandateId ?? '')
}
