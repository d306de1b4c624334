// Releases what is held: all of it, or what captures have left. Money that was captured is refunded, never voided.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { Actor, Deps } from './deps.ts'
import { followUp } from './follow-up.ts'
import type { FollowUpCommand } from './follow-up.ts'

/** Errors as for followUp. */
export function voidPayment(deps: Deps, actor: Actor, command: FollowUpCommand): Promise<PaymentRecord> {
  return followUp(deps, actor, { ...command, kind: 'void', final: true })
}
