// The sandbox connector: how Purser speaks to the sandbox gateway. It is also the folder to copy for a new connector.
import { redactCardNumbers } from '../../kernel/card-tripwire.ts'
import type { Connector } from '../contract/connector.ts'
import { authorize } from './authorize.ts'
import { cancel } from './cancel.ts'
import { capture } from './capture.ts'
import { clock } from './clock.ts'
import { acceptDispute, submitEvidence, syncDispute } from './disputes.ts'
import { changeMandate, chargeMandate, notifyDebit, syncMandate } from './mandates.ts'
import { notifications } from './notifications.ts'
import { refund } from './refund.ts'
import { settlements } from './settlements.ts'
import { syncRefund } from './sync-refund.ts'
import { sync } from './sync.ts'
import { voidHold } from './void.ts'
import { SandboxCredentials } from './wire.ts'

export const sandbox: Connector<SandboxCredentials> = {
  name: 'sandbox',
  testOnly: true,
  credentialsSchema: SandboxCredentials,
  addressesIn: ({ base_url }) => [base_url],
  methods: ['upi', 'card', 'netbanking', 'wallet'],
  authorize,
  capture,
  void: voidHold,
  cancel,
  refund,
  syncRefund,
  sync,
  savesMethods: ['upi', 'card', 'wallet'],
  mandateMethods: ['upi', 'card', 'netbanking'],
  chargeMandate,
  changeMandate,
  notifyDebit,
  syncMandate,
  acceptDispute,
  submitEvidence,
  syncDispute,
  notifications,
  clock,
  settlements,
  // The gateway promises to have seen, or lost, a call within a minute (its longest planned delay).
  absentGraceMs: 90_000,
  scrub,
}

// Every secret on this wire is 64 hex digits: keys, notification secrets, signatures, and the tokens of payer pages,
// which stand in addresses and, percent-encoded, in UPI links.
const HEX_SECRET = /[0-9a-f]{64,}/gi
// Whoever holds a card token can charge the card; what is saved is of use with the account's key, which is no reason to
// write it down twice.
const CARD_TOKEN = /\b(tok|svi)_[0-9A-Za-z_]+/g

function scrub(text: string): string {
  return redactCardNumbers(text.replaceAll(HEX_SECRET, '[secret]').replaceAll(CARD_TOKEN, '[token]'))
}
