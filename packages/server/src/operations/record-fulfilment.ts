// A merchant tells that it handed over what was paid for, or could not. Kept beside the order; it moves no money and
// changes no status.
import { AppError } from '../kernel/errors.ts'
import { FulfilmentId } from '../kernel/ids.ts'
import { isPositive } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import { insertFulfilment } from '../store/fulfilments.ts'
import type { Fulfilment } from '../store/fulfilments.ts'
import { lockOrder } from '../store/orders.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'

export type { Fulfilment }

export type FulfilmentCommand = Pick<Fulfilment, 'orderId' | 'status' | 'command' | 'reference' | 'note'>

const WORD = /^[A-Z_]{1,40}$/

/** @throws AppError order_not_found, payment_not_found (nothing was ever paid), field_invalid */
export async function recordFulfilment(deps: Deps, actor: Actor, command: FulfilmentCommand): Promise<Fulfilment> {
  const { status, command: word, reference, note } = command
  const refuse = (field: string) => new AppError('field_invalid', { field, reason: 'Invalid value.' })
  if (!WORD.test(status)) throw refuse('status')
  if (!WORD.test(word)) throw refuse('command')
  if (reference !== null && (reference === '' || reference.length > 128)) throw refuse('reference')
  if (note.length > 2_000) throw refuse('note')
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const order = await lockOrder(tx, command.orderId)
    if (!isPositive(order.amountCaptured)) throw new AppError('payment_not_found')
    const told = await insertFulfilment(tx, { id: FulfilmentId.create(deps.clock.now()), ...command })
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'fulfilment.recorded',
      objectId: told.id,
      requestId: actor.requestId,
      details: { order_id: order.id, status },
    })
    return told
  })
}
