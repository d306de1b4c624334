// Notifications: HMAC-SHA-256 over `<timestamp>.<raw body>`, in hex, as `v1=…`; several may stand in one header while
// a secret is being changed. Everything that is not exactly right is refused, and nothing here throws.
import { isUtf8 } from 'node:buffer'
import { Value } from 'typebox/value'
import { equalBytes, hmacSha256 } from '../../kernel/hmac.ts'
import { parseJson } from '../../kernel/json.ts'
import type { NotificationContent, Notifications, RawNotification } from '../contract/connector.ts'
import { toDisputeReport } from './disputes.ts'
import { toMandateReport, toNoticeReport } from './mandate-report.ts'
import { toPaymentReport, toRefundReport } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { SandboxNotification } from './wire.ts'

export const TOLERANCE_MS = 300_000
const MOST_SIGNATURES = 10
const LONGEST_HEADER = 4096
// Shorter ones are no secret; an empty one would verify what anyone can sign.
const SHORTEST_SECRET = 32

export const notifications: Notifications<SandboxCredentials> = {
  verify(raw, credentials, now) {
    const refusal = refusalOf(raw, credentials.notification_secret, now)
    return refusal === undefined ? { ok: true } : { ok: false, reason: refusal }
  },

  read(raw) {
    const body = parse(raw.body)
    if (!Value.Check(SandboxNotification, body)) return undefined
    if (body.type === 'payment.updated') {
      const report = toPaymentReport(body.payment)
      return report === undefined ? undefined : content(body.id, { kind: 'payment', report })
    }
    if (body.type === 'mandate.updated') {
      const report = toMandateReport(body.mandate)
      return report === undefined ? undefined : content(body.id, { kind: 'mandate', report })
    }
    if (body.type === 'notice.updated') {
      const report = toNoticeReport(body.notice)
      return report === undefined ? undefined : content(body.id, { kind: 'notice', report })
    }
    if (body.type === 'dispute.updated') {
      const report = toDisputeReport(body.dispute)
      return report === undefined ? undefined : content(body.id, { kind: 'dispute', report })
    }
    const report = toRefundReport(body.refund)
    return report === undefined ? undefined : content(body.id, { kind: 'refund', report })
  },
}

function refusalOf(raw: RawNotification, secret: string, now: Date): string | undefined {
  const timestamp = header(raw, 'x-sandbox-timestamp')
  const signatures = header(raw, 'x-sandbox-signature')
  if (timestamp === undefined || signatures === undefined) return 'signature_missing'
  if (typeof secret !== 'string' || secret.trim().length < SHORTEST_SECRET) return 'secret_unusable'
  if (signatures.length > LONGEST_HEADER) return 'signature_too_long'
  if (!/^[1-9][0-9]{0,11}$/.test(timestamp)) return 'timestamp_malformed'

  // At most twelve digits, so the number is exact.
  const ageMs = now.getTime() - Number.parseInt(timestamp, 10) * 1_000
  if (Math.abs(ageMs) > TOLERANCE_MS) return 'timestamp_outside_tolerance'

  const entries = signatures.split(',')
  if (entries.length > MOST_SIGNATURES) return 'too_many_signatures'
  const expected = hmacSha256(secret, Buffer.concat([Buffer.from(`${timestamp}.`), raw.body]))
  // All are compared, so that the time taken says nothing about which one fits.
  const matches = entries.filter((entry) => equalBytes(expected, digestOf(entry)))
  return matches.length > 0 ? undefined : 'signature_wrong'
}

function digestOf(entry: string): Buffer {
  const [, hex] = /^ ?v1=([0-9a-f]{64})$/.exec(entry) ?? []
  return Buffer.from(hex ?? '', 'hex')
}

function header(raw: RawNotification, name: string): string | undefined {
  const value: unknown = Object.hasOwn(raw.headers, name) ? raw.headers[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parse(body: Buffer): unknown {
  try {
    return isUtf8(body) ? parseJson(body).value : undefined
  } catch {
    return undefined
  }
}

function content(gatewayEventId: string, report: NotificationContent['reports'][number]): NotificationContent {
  return { gatewayEventId, reports: [report] }
}
