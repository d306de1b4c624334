// Purser's own follow-ups, where calls are lost, late and refused: a second success goes back once, under one name, and
// a hold that is to be let go is let go in the end.
import type { WireReply } from '../../../connectors/contract/wire.ts'
import type { OrderId } from '../../../kernel/ids.ts'
import { cancelOrder } from '../../../operations/cancel-order.ts'
import { letPass, LOST } from './stage.ts'
import type { Drill, Stage } from './stage.ts'

// Longer than a call of the sandbox may be on its way.
const GRACE_SECONDS = 100

/** The first attempt was refused, the second one paid; then the first turns out to be paid after all. */
async function secondSuccess(stage: Stage): Promise<void> {
  const orderId = await stage.order('automatic')
  stage.outcome = 'reject'
  const first = await stage.pay(orderId)
  stage.outcome = 'approve'
  await stage.pay(orderId)
  const id = stage.gateway.payment({ reference: first })?.id ?? ''
  if (!stage.gateway.payAfterAll(id)) throw new Error('The first attempt was not refused.')
  await stage.hear()
}

const oneName: Drill = {
  name: 'a give-back whose first call was lost on the way',
  play: async (stage) => {
    const names: unknown[] = []
    const late: (() => unknown)[] = []
    stage.wire = (request, act) => {
      if (request.method !== 'POST' || !request.url.endsWith('/refunds')) return act()
      names.push((JSON.parse(request.body ?? '{}') as { reference: unknown }).reference)
      if (names.length > 1) return act()
      late.push(act)
      return LOST
    }
    await secondSuccess(stage)
    await letPass(stage, 1)
    stage.expect(names.length === 1, `a give-back left ${names.length} times at once`)
    await letPass(stage, GRACE_SECONDS)
    for (const arrive of late) arrive()
    for (const { id } of stage.gateway.refunds.values()) stage.gateway.settleRefund(id, 'RETURNED')
    await stage.hear()
    await letPass(stage, 3_600)
    stage.expect(names.length >= 2, 'a give-back that was lost was not sent again')
    stage.expect(new Set(names).size === 1, `I17 a give-back left under ${new Set(names).size} names`)
  },
}

const NOT_NOW: WireReply = {
  kind: 'reply',
  status: 409,
  headers: {},
  body: JSON.stringify({ error: { code: 'NOT_ALLOWED_NOW' } }),
}

/** A call that came later than any grace holds money of an order that was called off meanwhile. */
async function heldForNobody(stage: Stage, orderId: OrderId): Promise<string> {
  const arrivals: (() => unknown)[] = []
  stage.wire = (request, act) => {
    if (request.method !== 'POST') return act()
    arrivals.push(act)
    return LOST
  }
  const paymentId = await stage.pay(orderId)
  await letPass(stage, GRACE_SECONDS)
  await cancelOrder(stage.till.deps, stage.till.actor, { orderId })
  for (const arrive of arrivals) arrive()
  return paymentId
}

const letGo: Drill = {
  name: 'a hold that the gateway will not let go of at first',
  play: async (stage) => {
    const paymentId = await heldForNobody(stage, await stage.order('manual'))
    let refused = 0
    stage.wire = (request, act) => {
      if (request.method !== 'POST' || !request.url.endsWith('/void') || refused > 0) return act()
      refused += 1
      return NOT_NOW
    }
    await stage.hear()
    await letPass(stage, 1)
    stage.expect(refused === 1, 'nobody tried to let go of the hold')
    const open = await stage.rows(
      `select id from purser.operations where payment_id = $1 and kind = 'void' and ended_at is null`,
      paymentId,
    )
    stage.expect(open.length === 1, 'I10 a void that was refused counts as ended, and the money stays held')
    await letPass(stage, 3_600)
    const there = stage.gateway.payment({ reference: paymentId })
    stage.expect(there?.status === 'RELEASED', `the hold of a canceled order is ${there?.status}`)
  },
}

export const GIVE_BACK_DRILLS: readonly Drill[] = [oneName, letGo]
