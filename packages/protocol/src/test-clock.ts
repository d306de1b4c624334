// The test clock: in test mode business time can be moved forward, and what waits for it happens on the way.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Instant, Nullable, Strict } from './fields.ts'

export const TestClock = Strict({
  object: Type.Literal('test_clock'),
  now: { ...Instant, description: 'Business time: what expiries, retries and schedules go by.' },
  offset_ms: Type.Integer({ minimum: 0, description: 'How far it is ahead of real time, in milliseconds.' }),
  next_due_at: Nullable({ ...Instant, description: 'When something that waits comes due next.' }),
})
export type TestClock = Static<typeof TestClock>

export const AdvanceTestClock = Strict(
  {
    seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 34_560_000, description: 'By how much; 400 days at most.' }),
    ),
    to: Type.Optional({ ...Instant, description: 'Or: to this instant of business time.' }),
  },
  { description: 'Exactly one of the two.', examples: [{ seconds: 86_400 }], minProperties: 1, maxProperties: 1 },
)
export type AdvanceTestClock = Static<typeof AdvanceTestClock>
