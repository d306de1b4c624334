// The one shape of every error (RFC 9457, application/problem+json). Act on `code`; `detail` is for people and may
// change.
import Type from 'typebox'
import type { Static } from 'typebox'

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Where the code is explained.', examples: ['/docs/errors#amount_invalid'] }),
    title: Type.String({ description: 'What is wrong, in one sentence.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.' }),
    code: Type.String({ description: 'Stable; never renamed, never reused.', examples: ['amount_invalid'] }),
    detail: Type.String({ description: 'What to do about it.' }),
    field: Type.Optional(
      Type.String({
        description: 'Which part of the request is meant, as a path: `payer.email`.',
        examples: ['amount'],
      }),
    ),
    request_id: Type.String({ pattern: '^req_[0-9a-f]{32}$', description: 'Quote it when you report the problem.' }),
    details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  { additionalProperties: false },
)
export type Problem = Static<typeof Problem>
