import { describe, expect, test } from 'vitest'
import { OFFLINE_METHODS } from '../payment/method.ts'
import { firstStatus } from './offline-payment.ts'
import { ENDED_OFFLINE_STATUSES, OFFLINE_EVENTS, OFFLINE_STATUSES, offlineStep } from './states.ts'
import type { OfflineEvent, OfflineStatus } from './states.ts'

// The matrix as a person would draw it: a status to move to, `=` for a repeat, `!` for a conflict, both for a move that
// a person should look at. Written down a second time on purpose.
const DRAWN: Record<OfflineStatus, string> = {
  recorded: 'cleared  bounced   reversed',
  cleared: ' =        bounced!  reversed',
  bounced: ' !        =         !',
  reversed: '!        !         =',
}

function drawn(status: OfflineStatus, event: OfflineEvent): string {
  return DRAWN[status].trim().split(/\s+/)[OFFLINE_EVENTS.indexOf(event)] ?? ''
}

const CELLS = OFFLINE_STATUSES.flatMap((status) => OFFLINE_EVENTS.map((event) => [status, event] as const))

describe('An offline payment', () => {
  test.each(CELLS)('that is %s and hears %s', (status, event) => {
    const step = offlineStep(status, event)
    const said = step.kind === 'moved' ? `${step.to}${step.conflict ? '!' : ''}` : step.kind === 'same' ? '=' : '!'
    expect(said).toBe(drawn(status, event))
  })

  test('that bounced or was reversed stays so', () => {
    for (const status of ENDED_OFFLINE_STATUSES) {
      for (const event of OFFLINE_EVENTS) expect(offlineStep(status, event).kind).not.toBe('moved')
    }
  })

  test('waits for a bank only where there is a paper', () => {
    expect(OFFLINE_METHODS.map((method) => [method, firstStatus(method)])).toEqual([
      ['cash', 'cleared'],
      ['cheque', 'recorded'],
      ['bank_transfer', 'cleared'],
    ])
  })
})
