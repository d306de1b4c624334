// Takes all or part of what is held. Captures are totals: a repeated or late word about one changes nothing.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { Money } from '../kernel/money.ts'
import type { Actor, Deps } from './deps.ts'
import { followUp } from './follow-up.ts'
import type { FollowUpCommand } from './follow-up.ts'

export type CaptureCommand = FollowUpCommand & {
  /** Absent: all that is left of the hold. */
  readonly amount?: Money
  /** Whether what is left after it is released. Default true. */
  readonly final?: boolean
}

/** Errors as for followUp. An unknown outcome is a value: the payment stays as it was and its operation is open. */
export function capturePayment(deps: Deps, actor: Actor, command: CaptureCommand): Promise<PaymentRecord> {
  return followUp(deps, actor, { ...command, kind: 'capture', final: command.final ?? true })
}
