// The Juspay connector: Purser as the merchant's server in front of Juspay. Juspay's own page takes the payment; its
// orders are our payments, and whatever its webhooks say is asked for before it counts. README.md says what it can.
import { redactCardNumbers } from '../../kernel/card-tripwire.ts'
import type { Connector } from '../contract/connector.ts'
import { authorize } from './authorize.ts'
import { capture, voidHold } from './follow-ups.ts'
import { changeMandate, chargeMandate, notifyDebit, syncMandate } from './mandates.ts'
import { notifications } from './notifications.ts'
import { refund, syncRefund } from './refund.ts'
import { sync } from './sync.ts'
import { JuspayCredentials, nameOf } from './wire.ts'

export const juspay: Connector<JuspayCredentials> = {
  name: 'juspay',
  credentialsSchema: JuspayCredentials,
  addressesIn: ({ base_url }) => [base_url],
  nameOf,
  methods: ['gateway_page'],
  capturesAtOnce: true,
  authorize,
  capture,
  void: voidHold,
  refund,
  syncRefund,
  sync,
  mandateMethods: ['gateway_page'],
  chargeMandate,
  changeMandate,
  notifyDebit,
  syncMandate,
  notifications,
  // Juspay names no bound; no request of ours waits longer than a quarter of a minute.
  absentGraceMs: 120_000,
  scrub,
}

// The key stands in the Authorization header only. Client tokens grant an order to whoever holds them, and stand in
// links, too; mandate and debit tokens charge a payer.
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bBasic [A-Za-z0-9+/=_-]{8,}/g, 'Basic [secret]'],
  [/\bc?tkn_[0-9A-Za-z]{8,}/g, '[token]'],
  [/\b(?:ct|sk|pk)_(?:test|live)_[0-9A-Za-z_-]{16,}/g, '[token]'],
  [/(?<![0-9A-Za-z])[0-9a-fA-F]{32,}(?![0-9A-Za-z])/g, '[secret]'],
]

function scrub(text: string): string {
  return redactCardNumbers(SECRETS.reduce((kept, [pattern, mark]) => kept.replaceAll(pattern, mark), text))
}
