// docs/reference/events.md: which events exist, when they come, what is in them, and how a receiver trusts them.
import { Order, Payment, Refund } from '../../packages/protocol/src/index.ts'
import { EVENT_TYPES } from '../../packages/server/src/domain/webhook/event.ts'
import { JITTER, LEAST_DELAYS_MS, LEAST_SPAN_MS } from '../../packages/server/src/domain/webhook/schedule.ts'
import { code, document, table } from './markdown.ts'
import { fieldsOf } from './schema.ts'

const HOUR_MS = 3_600_000

const INTRODUCTION = `An event is a fact about an order, a payment or a refund. It is written in the transaction that makes the change, so an
event exists exactly when the change does. Each enabled endpoint that asked for its type, or for \`*\`, gets it as a webhook
in the form of Standard Webhooks: \`POST\` with the body below and the headers \`webhook-id\`, \`webhook-timestamp\` and
\`webhook-signature\`. Any library for Standard Webhooks verifies them with the endpoint's secret (\`whsec_…\`).

What a receiver has to know:

- The same event may come more than once, always with the same \`webhook-id\`: keep the ids that you have seen.
- Events may come out of order. The object inside carries \`version\`, which grows with every change: ignore a lower one.
- Answer with 2xx within 15 seconds, and do the work afterwards. Anything else is tried again; 410 switches the endpoint
  off, and so do days without one success.`

function scheduleLine(): string {
  const delays = LEAST_DELAYS_MS.map(durationText).join(', ')
  return `A webhook is tried ${LEAST_DELAYS_MS.length + 1} times. The least waits in between are ${delays}; each is drawn up to ${JITTER} times longer,
and a \`Retry-After\` is respected. It is never given up before ${LEAST_SPAN_MS / HOUR_MS} hours are over. After that it is \`dead\`, kept, and can be sent
again by hand: \`POST /v1/deliveries/:id/resend\`.`
}

function durationText(ms: number): string {
  if (ms < 60_000) return `${ms / 1_000} s`
  return ms < HOUR_MS ? `${ms / 60_000} min` : `${ms / HOUR_MS} h`
}

const BODY = `\`\`\`json
{ "type": "payment.captured", "timestamp": "2026-11-20T14:41:00.000Z", "data": { "payment": { "id": "pay_…", "version": 3 } } }
\`\`\`

\`data\` holds the object that the type begins with, whole, as a read of it would answer at that moment.`

export function eventsDocument(): string {
  const types = table(
    ['Type', 'Comes when', 'In `data`'],
    Object.entries(EVENT_TYPES).map(([type, when]) => {
      const noun = type.split('.')[0] ?? ''
      return [code(type), when, code(noun === 'webhook_endpoint' ? 'endpoint_id' : noun)]
    }),
  )
  return document(
    'Events',
    'packages/server/src/domain/webhook/ and packages/protocol/src/',
    INTRODUCTION,
    scheduleLine(),
    '## Types',
    types,
    '## Body',
    BODY,
    '### order',
    fieldsOf(Order),
    '### payment',
    fieldsOf(Payment),
    '### refund',
    fieldsOf(Refund),
  )
}
