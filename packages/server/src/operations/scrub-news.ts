// What a gateway says in free text may hold anything: a card number it was sent, a key, a character that Postgres
// refuses. Every text of a report is scrubbed before it can reach a row, an event or a webhook, which are never taken
// back.
import type { Connector } from '../connectors/contract/connector.ts'

// Names that the gateway will be asked by, and addresses that a payer must reach: altered, they would mean another
// thing.
const KEPT = new Set([
  'kind',
  'state',
  'status',
  'type',
  'currency',
  'gatewayPaymentId',
  'gatewayTry',
  'gatewayRefundId',
  'gatewayMandateId',
  'gatewayNoticeId',
  'gatewayDisputeId',
  'gatewayMethodId',
  'gatewayEventId',
  'gatewayReference',
  'reference',
  'url',
  'uri',
])

/** Without secrets, card numbers and NUL, which no text of Postgres can hold. */
export function scrubText(connector: Pick<Connector, 'scrub'>, text: string): string {
  return withoutNul(connector.scrub(text))
}

/** A result or a report with every free text in it scrubbed; amounts, dates and identifiers as they are. */
export function scrubNews<News>(connector: Pick<Connector, 'scrub'>, news: News): News {
  return scrubValue(connector, news, undefined) as News
}

function scrubValue(connector: Pick<Connector, 'scrub'>, value: unknown, key: string | undefined): unknown {
  if (typeof value === 'string') {
    return key !== undefined && KEPT.has(key) ? withoutNul(value) : scrubText(connector, value)
  }
  if (Array.isArray(value)) return value.map((item) => scrubValue(connector, item, undefined))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrubValue(connector, item, name)]))
}

function withoutNul(text: string): string {
  return text.replaceAll('\u0000', '\ufffd')
}
