// What model-based commands on Postgres work at: some orders at a till, the gateway behind it, and a mandate to be
// charged. Every command is counted by its kind, so that the page of proofs can say what was driven.
import type fc from 'fast-check'
import { AppError } from '../../kernel/errors.ts'
import type { PaymentStatus } from '../../domain/payment/states.ts'
import type { MandateId, OrderId, PaymentId } from '../../kernel/ids.ts'
import type { Counter } from './counter.ts'
import type { GatewayModel, Outcome, Snapshot } from './gateway-model.ts'
import type { Till } from './till.ts'

/** Minor units. */
export const AMOUNT = 1_000n

export type Bench = {
  readonly till: Till
  readonly gateway: GatewayModel
  readonly counter: Counter
  readonly outbox: { eventId: string; snapshot: Snapshot }[]
  readonly orderIds: readonly OrderId[]
  readonly mandateId: MandateId
  /** What the bank says to the next payment, and whether calls or even questions go unanswered. */
  wire: { outcome: Outcome; isLost: boolean; isSilent?: boolean }
}

export type Command = fc.AsyncCommand<object, Bench>

/** `did`: how many of each kind went through, of those that were tried. */
export const counted = { commands: 0, did: {} as Record<string, number> }

/** A refusal of ours is an answer. Anything else that is thrown is a fault. */
export const command = (kind: string, name: string, run: (bench: Bench) => Promise<unknown>): Command => ({
  check: () => true,
  run: async (_, bench) => {
    counted.commands += 1
    try {
      await run(bench)
      counted.did[kind] = (counted.did[kind] ?? 0) + 1
    } catch (error) {
      if (!(error instanceof AppError) || (error.status >= 500 && error.code !== 'gateway_unavailable')) throw error
    }
  },
  toString: () => name,
})

/**
 * An attempt that the command can be about, counted round; any other where there is none such, to be refused.
 * @throws AppError payment_not_found where there is none at all
 */
export async function attempt({ till }: Bench, index: number, status: PaymentStatus) {
  const { rows } = await till.db.pools.owner.query<{ id: PaymentId; status: string }>(
    'select id, status from purser.payments where merchant_id = $1 order by id',
    [till.merchantId],
  )
  const apt = rows.filter((row) => row.status === status)
  const among = apt.length > 0 ? apt : rows
  const found = among[index % Math.max(1, among.length)]
  if (found === undefined) throw new AppError('payment_not_found')
  return found
}

export const orderAt = ({ orderIds }: Bench, index: number): OrderId => {
  const found = orderIds[index % orderIds.length]
  if (found === undefined) throw new AppError('order_not_found')
  return found
}
