// The test clock over the native API: read it, and move it forward.
import { AdvanceTestClock, TestClock } from '@purser/protocol'
import { advanceTestClock, readTestClock, resumeAdvance } from '../../operations/test-clock.ts'
import { defined } from '../contract/defined.ts'
import { instantOf } from '../contract/list-query.ts'
import { read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { testClockJson } from './words.ts'

const tag = 'Test clock'

export const testClockRoutes: readonly Route[] = [
  read({
    path: '/v1/test-clock',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'Read the test clock',
    reply: TestClock,
    read: async (deps, { actor }) => testClockJson(await readTestClock(deps, actor)),
  }),
  write({
    path: '/v1/test-clock/advance',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Move the test clock forward',
    description:
      'Test mode only. Steps from due item to due item, here and at the sandbox gateway, and answers once everything that came due on the way has been done.',
    body: AdvanceTestClock,
    reply: TestClock,
    act: (deps, { actor, body, idempotency }) =>
      advanceTestClock(deps, actor, {
        ...defined({ seconds: body.seconds, to: instantOf(body.to, 'to') }),
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => resumeAdvance(deps, actor, subjectId),
    answer: testClockJson,
  }),
]
