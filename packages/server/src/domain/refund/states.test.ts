import { describe, expect, test } from 'vitest'
import { REFUND_EVENTS, REFUND_STATUSES, isReserving, refundStep } from './states.ts'
import type { RefundEventType, RefundStatus } from './states.ts'

// The matrix as a person would draw it: a status to move to, `=` for a repeat, `!` for a conflict, both for a move that
// a person should look at. Written down a second time on purpose.
const DRAWN: Record<RefundStatus, string> = {
  awaiting_approval: 'pending   rejected !  =        !      !       succeeded!',
  rejected: '          !         =        !  =        !      =       succeeded!',
  pending: '           =         !        =  unknown  review failed  succeeded',
  unknown: '           =         !        pending =   review failed  succeeded',
  review: '            =         !        =  =        =      failed  succeeded',
  failed: '            =         !        =  =        =      =       succeeded!',
  succeeded: '         =         !        =  =        =      !       =',
}

function drawn(status: RefundStatus, event: RefundEventType): string {
  return DRAWN[status].trim().split(/\s+/)[REFUND_EVENTS.indexOf(event)] ?? ''
}

const CELLS = REFUND_STATUSES.flatMap((status) => REFUND_EVENTS.map((event) => [status, event] as const))

describe('A refund', () => {
  test.each(CELLS)('that is %s and hears %s', (status, event) => {
    const step = refundStep(status, event)
    const said = step.kind === 'moved' ? `${step.to}${step.conflict ? '!' : ''}` : step.kind === 'same' ? '=' : '!'
    expect(said).toBe(drawn(status, event))
  })

  test('holds its part of the balance until it has succeeded, failed or was rejected', () => {
    expect(REFUND_STATUSES.filter((status) => !isReserving(status))).toEqual(['rejected', 'failed', 'succeeded'])
  })

  test('never goes back to waiting for a person, and leaves it without one only by money that moved', () => {
    for (const [status, event] of CELLS) {
      const step = refundStep(status, event)
      if (step.kind !== 'moved') continue
      expect(step.to).not.toBe('awaiting_approval')
      if (status === 'awaiting_approval') expect(['approved', 'rejected', 'succeeded']).toContain(event)
    }
  })
})
