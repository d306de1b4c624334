// Who wants what in an interleaved run: orders and attempts to pay them, cash at the door, a mandate and its charges;
// then captures, voids, refunds and decisions about whatever stands in the rows by then.
import { money } from '../../kernel/money.ts'
import type { MandateId, OrderId, PaymentId } from '../../kernel/ids.ts'
import { createOrder } from '../../operations/create-order.ts'
import type { Counter } from './counter.ts'
import { lookUp } from './counter.ts'
import type { GatewayModel } from './gateway-model.ts'
import { registerMandate } from './register-mandate.ts'
import type { Chance } from './seeded-chance.ts'
import type { Till } from './till.ts'
import { chargeWish, collectWish, decideWish, followUpWish, payWish, refundWish } from './wishes.ts'
import type { Wish } from './wishes.ts'

export type Shop = {
  readonly chance: Chance
  readonly till: Till
  readonly gateway: GatewayModel
  readonly counter: Counter
  readonly wishes: Wish[]
  readonly mandateId: MandateId | undefined
}

const LARGEST = money(5_000n, 'INR')

/** Answers the mandate that may be charged, where there is one. */
export async function openShop({ till, chance, wishes, counter }: Shop): Promise<MandateId | undefined> {
  for (let count = chance.between(1, 2); count > 0; count -= 1) {
    const order = await createOrder(till.deps, till.actor, {
      reference: `order-${count}`,
      amount: money(BigInt(chance.between(2, 50) * 100), 'INR'),
      capture: chance.happens(0.6) ? 'automatic' : 'manual',
      lateSuccess: chance.happens(0.7) ? 'accept' : 'refund',
    })
    for (let more = chance.between(1, 3); more > 0; more -= 1) wishes.push(payWish(`pay-${count}-${more}`, order.id))
    // Who pays at the door, and may yet have paid before.
    if (chance.happens(0.3)) wishes.push(payWish(`cash-${count}`, order.id, { method: 'cash_on_delivery' }))
  }
  if (chance.happens(0.5)) return undefined
  const calm = {
    ...till.deps,
    sendToGateway: async (_: unknown, request: Request) => counter.act(request, () => 'approve'),
  }
  return registerMandate(calm, till.actor, LARGEST)
}

type Request = Parameters<Counter['act']>[0]
type Row = { id: PaymentId; order_id: OrderId; status: string; amount: string; is_cash: boolean }

export async function newWishes({ till, chance, gateway, mandateId }: Shop): Promise<Wish[]> {
  const { rows } = await till.db.pools.owner.query<Row>(
    `select id, order_id, status, amount, gateway_account_id is null as is_cash
       from purser.payments where merchant_id = $1 order by id`,
    [till.merchantId],
  )
  const wishes = rows.flatMap((row) => wishAbout(row, chance, gateway))
  if (mandateId !== undefined && chance.happens(0.5)) {
    wishes.push(chargeWish(keyOf(chance), mandateId, BigInt(chance.between(1, Number(LARGEST.minor)))))
  }
  return wishes
}

const keyOf = (chance: Chance) => `wish-${chance.whole(1_000_000_000)}`

function wishAbout({ id, status, amount, is_cash: isCash }: Row, chance: Chance, gateway: GatewayModel): Wish[] {
  const key = keyOf(chance)
  const part = BigInt(chance.between(1, Number.parseInt(amount, 10)))
  if (isCash) return status === 'requires_action' && chance.happens(0.5) ? [collectWish(key, id, part)] : []
  if (status === 'captured' && chance.happens(0.7)) return [refundWish(key, id, part)]
  if (status === 'authorized' && chance.happens(0.6)) {
    const kind = chance.happens(0.7) ? 'capture' : 'void'
    return [followUpWish(key, id, { kind, minor: chance.happens(0.5) ? part : undefined, final: chance.happens(0.5) })]
  }
  const seen = status === 'unknown' ? lookUp(gateway, id) : undefined
  if (seen === undefined || seen.outcome === 'voided' || chance.happens(0.2)) return []
  return [decideWish(key, id, { outcome: seen.outcome, gatewayPaymentId: seen.gatewayPaymentId })]
}
