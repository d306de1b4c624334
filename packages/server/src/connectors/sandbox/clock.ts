// The clock of our account at the sandbox gateway, which moves with the merchant's test clock.
import { Type } from 'typebox'
import type { WireReply } from '../contract/wire.ts'
import type { ClockReport, GatewayClock, Result } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers } from './wire.ts'

const ClockReply = Type.Object({
  offset_ms: Type.Integer(),
  next_due_in_ms: Type.Union([Type.Integer(), Type.Null()]),
})

export const clock: GatewayClock<SandboxCredentials> = {
  read: {
    toRequest: (_input, credentials) => ({
      method: 'GET',
      url: endpoint(credentials, '/clock'),
      headers: headers(credentials),
    }),
    fromReply: readClock,
  },
  advance: {
    toRequest: ({ offsetMs }, credentials) => ({
      method: 'POST',
      url: endpoint(credentials, '/clock'),
      headers: { ...headers(credentials), 'content-type': 'application/json' },
      body: JSON.stringify({ offset_ms: offsetMs }),
    }),
    fromReply: readClock,
  },
}

function readClock(reply: WireReply): Result<ClockReport> {
  return readReply(reply, ClockReply, (body) => ({
    kind: 'report',
    report: { offsetMs: body.offset_ms, nextDueInMs: body.next_due_in_ms },
  }))
}
