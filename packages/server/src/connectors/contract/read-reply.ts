// The rule that keeps us from charging twice, written once for all gateways: what never left has failed; silence, a
// 5xx and nonsense are unknown, never a decline.
import { Value } from 'typebox/value'
import type { Static, TSchema } from 'typebox'
import { parseJson } from '../../kernel/json.ts'
import type { Result } from './connector.ts'
import type { WireReply } from './wire.ts'

export function readReply<Body extends TSchema, Report>(
  reply: WireReply,
  schema: Body,
  translate: (body: Static<Body>, status: number) => Result<Report>,
): Result<Report> {
  if (reply.kind === 'not_sent') return { kind: 'failed', reason: reply.reason }
  if (reply.kind === 'no_reply') return { kind: 'unknown', reason: reply.reason }
  if (reply.status >= 500) return { kind: 'unknown', reason: `The gateway answered ${reply.status}.` }
  const body = readBody(reply.body)
  if (!Value.Check(schema, body)) return { kind: 'unknown', reason: 'The reply is not one this connector knows.' }
  return translate(body, reply.status)
}

function readBody(text: string): unknown {
  try {
    return parseJson(text).value
  } catch {
    return undefined
  }
}
