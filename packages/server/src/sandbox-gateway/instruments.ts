// Every test instrument and what it does: the one table that the gateway, the payment page and
// docs/reference/sandbox.md share. An instrument is a name, never a card number. Where two things could decide an
// outcome, the instrument does: the payer's yes on a page is only as good as the instrument behind it.
import { REJECTIONS } from './rejections.ts'
import type { RejectionCode } from './rejections.ts'

export type InstrumentMethod = 'card' | 'upi' | 'netbanking' | 'wallet'

/** What the bank says in the end. */
export type Outcome = 'approve' | RejectionCode

/** What becomes of the answer to the call that made the payment; `not_applied` makes no payment at all. */
export type ReplyScript = 'lost' | 'garbage' | 'half' | 'http_500' | 'http_500_not_applied' | 'slow'

export type Script = {
  /** `settle` at once, `ask` the payer on a page, or `wait` for the bank. */
  readonly first: 'settle' | 'ask' | 'wait'
  readonly outcome: Outcome
  /** How long the bank takes, on the account's clock: for `wait`, and after the payer's yes where it is given. */
  readonly waitMs?: number
  /** For `ask`: the payer answers in their own app after this time, on the account's clock. */
  readonly answersInMs?: number
  readonly reply?: ReplyScript
  /** Notifications about the payment: how many copies of each, and how late the first comes. */
  readonly notice?: { readonly copies?: number; readonly delayMs?: number }
  readonly capture?: RejectionCode
  readonly refund?: { readonly outcome: 'return' | 'fail' | 'review'; readonly waitMs: number }
  readonly authentication?: '3ds' | 'frictionless'
  /** What becomes of charges of a mandate that was registered with it. */
  readonly charge?: Pick<Script, 'first' | 'outcome' | 'waitMs' | 'reply'>
  /** What becomes of its pre-debit notices: with `waitMs` later, on the account's clock, and told by notification. */
  readonly preDebit?: { readonly fails: boolean; readonly waitMs?: number }
}

export type SandboxInstrument = {
  readonly method: InstrumentMethod
  /** The card token, UPI id, bank or wallet that a caller names. */
  readonly key: string
  readonly name: string
  /** One sentence for people. */
  readonly does: string
  readonly network?: string
  readonly funding?: string
  readonly issuer?: string
  readonly bin?: string
  readonly lastFour?: string
  readonly script: Script
}

const BANK_WAIT_MS = 3_000
const DAY_MS = 86_400_000
export const LATE_NOTICE_MS = 72 * 3_600_000
export const SLOW_NOTICE_MS = 2 * 3_600_000
export const SLOW_REPLY_MS = 3_000
export const REFUND_WAIT_MS = 300

type Brand = 'visa' | 'mastercard' | 'rupay'
const BINS: Record<Brand, string> = { visa: '400000', mastercard: '520000', rupay: '608000' }

function card(key: string, lastFour: string, name: string, does: string, script: Script, brand: Brand = 'visa') {
  const funding = brand === 'rupay' ? 'debit' : 'credit'
  const facts = { network: brand, funding, issuer: 'Sandbox Bank', bin: BINS[brand], lastFour }
  return { method: 'card', key, name, does, ...facts, script } as const satisfies SandboxInstrument
}

function named(method: InstrumentMethod, key: string, name: string, does: string, script: Script) {
  return { method, key, name, does, script } as const satisfies SandboxInstrument
}

const APPROVE = { first: 'settle', outcome: 'approve' } as const satisfies Script

const PLAIN_CARDS: readonly SandboxInstrument[] = [
  card('tok_approve', '0001', 'Approved', 'Approved at once.', APPROVE),
  card('tok_approve_mastercard', '0002', 'Approved (Mastercard)', 'Approved at once.', APPROVE, 'mastercard'),
  card('tok_approve_rupay', '0003', 'Approved (RuPay debit)', 'Approved at once.', APPROVE, 'rupay'),
  card('tok_frictionless', '0004', '3-D Secure without a step', 'Approved at once, authenticated by 3-D Secure.', {
    ...APPROVE,
    authentication: 'frictionless',
  }),
  card('tok_3ds_approve', '0005', '3-D Secure, approved', 'Asks for a bank step; approved after a yes.', {
    first: 'ask',
    outcome: 'approve',
    authentication: '3ds',
  }),
  card('tok_3ds_fail', '0006', '3-D Secure, failed', 'Asks for a bank step; the step fails even after a yes.', {
    first: 'ask',
    outcome: 'A1',
    authentication: '3ds',
  }),
  card(
    'tok_3ds_decline',
    '0007',
    '3-D Secure, then declined',
    'Asks for a bank step; declined for funds after a yes.',
    {
      first: 'ask',
      outcome: '51',
      authentication: '3ds',
    },
  ),
  card('tok_pending_approve', '0011', 'Pending, then approved', 'Pending for 3 seconds, then approved.', {
    first: 'wait',
    outcome: 'approve',
    waitMs: BANK_WAIT_MS,
  }),
  card('tok_pending_decline', '0012', 'Pending, then declined', 'Pending for 3 seconds, then declined for funds.', {
    first: 'wait',
    outcome: '51',
    waitMs: BANK_WAIT_MS,
  }),
  card('tok_capture_fails', '0013', 'Capture refused', 'Held or sold; a separate capture is refused by the issuer.', {
    ...APPROVE,
    capture: '05',
  }),
  card('tok_refund_fails', '0014', 'Refund fails', 'Approved; a refund is taken and fails after 300 ms.', {
    ...APPROVE,
    refund: { outcome: 'fail', waitMs: REFUND_WAIT_MS },
  }),
  card('tok_refund_slow', '0015', 'Refund slow', 'Approved; a refund takes a day on the account’s clock.', {
    ...APPROVE,
    refund: { outcome: 'return', waitMs: DAY_MS },
  }),
  card('tok_refund_review', '0016', 'Refund reviewed', 'Approved; a refund is under review for a day, then succeeds.', {
    ...APPROVE,
    refund: { outcome: 'review', waitMs: DAY_MS },
  }),
]

const TROUBLED_CARDS: readonly SandboxInstrument[] = [
  card('tok_slow', '0021', 'Slow answer', 'Approved; the answer comes after 3 seconds.', { ...APPROVE, reply: 'slow' }),
  card('tok_lost_reply', '0022', 'Answer lost', 'Approved; the connection is cut instead of an answer.', {
    ...APPROVE,
    reply: 'lost',
  }),
  card('tok_garbage_reply', '0023', 'Answer unreadable', 'Approved; the answer is 200 with an HTML page.', {
    ...APPROVE,
    reply: 'garbage',
  }),
  card('tok_half_reply', '0024', 'Answer cut short', 'Approved; the connection is cut in the middle of the answer.', {
    ...APPROVE,
    reply: 'half',
  }),
  card('tok_http_500_applied', '0025', 'Error after approval', 'Approved; the answer is 500.', {
    ...APPROVE,
    reply: 'http_500',
  }),
  card('tok_http_500_not_applied', '0026', 'Error before approval', 'No payment is made; the answer is 500.', {
    ...APPROVE,
    reply: 'http_500_not_applied',
  }),
  card('tok_duplicate_notice', '0027', 'Repeated notifications', 'Approved; each notification comes five times.', {
    ...APPROVE,
    notice: { copies: 5 },
  }),
  card('tok_late_notice', '0028', 'Late notifications', 'Pending for 3 seconds, then approved; told 72 hours late.', {
    first: 'wait',
    outcome: 'approve',
    waitMs: BANK_WAIT_MS,
    notice: { delayMs: LATE_NOTICE_MS },
  }),
]

const MANDATE_CARDS: readonly SandboxInstrument[] = [
  card('tok_mandate_declines', '0031', 'Mandate: charges declined', 'Approved; charges of its mandate are declined.', {
    ...APPROVE,
    charge: { first: 'settle', outcome: '51' },
  }),
  card('tok_mandate_lost', '0032', 'Mandate: answers lost', 'Approved; charges are made and their answers lost.', {
    ...APPROVE,
    charge: { ...APPROVE, reply: 'lost' },
  }),
  card('tok_mandate_pending', '0033', 'Mandate: charges pending', 'Approved; charges are pending for 3 seconds.', {
    ...APPROVE,
    charge: { first: 'wait', outcome: 'approve', waitMs: BANK_WAIT_MS },
  }),
  card('tok_mandate_not_made', '0034', 'Mandate: charges not made', 'Approved; charges answer 500 and are not made.', {
    ...APPROVE,
    charge: { ...APPROVE, reply: 'http_500_not_applied' },
  }),
  card('tok_mandate_notice_fails', '0035', 'Mandate: notices fail', 'Approved; pre-debit notices cannot be told.', {
    ...APPROVE,
    preDebit: { fails: true },
  }),
  card('tok_mandate_notice_slow', '0036', 'Mandate: notices slow', 'Approved; a pre-debit notice takes two hours.', {
    ...APPROVE,
    preDebit: { fails: false, waitMs: SLOW_NOTICE_MS },
  }),
  card(
    'tok_mandate_notice_fails_late',
    '0037',
    'Mandate: notices fail late',
    'Approved; a pre-debit notice fails after two hours.',
    { ...APPROVE, preDebit: { fails: true, waitMs: SLOW_NOTICE_MS } },
  ),
]

const DECLINED_CARDS: readonly SandboxInstrument[] = Object.entries(REJECTIONS).map(([code, { slug, text }], index) =>
  card(`tok_decline_${slug}`, String(5001 + index), `Declined: ${text}`, `Declined at once with code ${code}.`, {
    first: 'settle',
    outcome: code as RejectionCode,
  }),
)

const UPI: readonly SandboxInstrument[] = [
  named('upi', 'success@sandbox', 'Approved by the payer', 'Collect: the payer says yes after 3 seconds.', {
    first: 'ask',
    outcome: 'approve',
    answersInMs: BANK_WAIT_MS,
  }),
  named('upi', 'failure@sandbox', 'Refused by the bank', 'Collect: declined for funds after 3 seconds.', {
    first: 'ask',
    outcome: '51',
    answersInMs: BANK_WAIT_MS,
  }),
  named('upi', 'declined@sandbox', 'Refused by the payer', 'Collect: the payer says no after 3 seconds.', {
    first: 'ask',
    outcome: 'A9',
    answersInMs: BANK_WAIT_MS,
  }),
  named('upi', 'pending@sandbox', 'Pending for a day', 'Collect: pending for a day on the account’s clock, then yes.', {
    first: 'wait',
    outcome: 'approve',
    waitMs: DAY_MS,
  }),
  named('upi', 'ask@sandbox', 'Asks on the simulator', 'Collect: waits for a yes or a no on the payer’s page.', {
    first: 'ask',
    outcome: 'approve',
  }),
  named('upi', 'unknown@sandbox', 'No such UPI id', 'Collect: declined at once, the id does not exist.', {
    first: 'settle',
    outcome: '14',
  }),
  // Intent and QR name no payer: one entry stands for them.
  named('upi', 'intent', 'Any UPI app', 'Intent and QR: a upi:// link; decided on the payer’s page.', {
    first: 'ask',
    outcome: 'approve',
  }),
]

const BANKS: readonly SandboxInstrument[] = [
  named('netbanking', 'sandbox_bank', 'Sandbox Bank', 'Sends the payer to the bank’s page; approved after a yes.', {
    first: 'ask',
    outcome: 'approve',
  }),
  named('netbanking', 'sandbox_bank_slow', 'Slow Sandbox Bank', 'The bank’s page; after a yes pending for 3 seconds.', {
    first: 'ask',
    outcome: 'approve',
    waitMs: BANK_WAIT_MS,
  }),
  named('netbanking', 'sandbox_bank_poor', 'Empty Account Bank', 'The bank’s page; declined for funds after a yes.', {
    first: 'ask',
    outcome: '51',
  }),
  named('netbanking', 'sandbox_bank_down', 'Closed Sandbox Bank', 'Declined at once: the bank cannot be reached.', {
    first: 'settle',
    outcome: '91',
  }),
]

const WALLETS: readonly SandboxInstrument[] = [
  named('wallet', 'sandbox_wallet', 'Sandbox Wallet', 'Approved at once.', APPROVE),
  named('wallet', 'sandbox_wallet_slow', 'Slow Sandbox Wallet', 'Pending for 3 seconds, then approved.', {
    first: 'wait',
    outcome: 'approve',
    waitMs: BANK_WAIT_MS,
  }),
  named('wallet', 'sandbox_wallet_empty', 'Empty Sandbox Wallet', 'Declined at once: not enough money.', {
    first: 'settle',
    outcome: '51',
  }),
]

export const SANDBOX_INSTRUMENTS: readonly SandboxInstrument[] = [
  ...PLAIN_CARDS,
  ...TROUBLED_CARDS,
  ...MANDATE_CARDS,
  ...DECLINED_CARDS,
  ...UPI,
  ...BANKS,
  ...WALLETS,
]

const BY_KEY: ReadonlyMap<string, SandboxInstrument> = new Map(
  SANDBOX_INSTRUMENTS.map((instrument) => [`${instrument.method} ${instrument.key}`, instrument]),
)

/** The script of a mandate's charge: no payer is there to be asked, unless the book asks for one. */
export function chargeScript(script: Script | undefined): Script {
  const { refund, notice, charge } = script ?? APPROVE_ALL
  return {
    ...APPROVE,
    ...(refund === undefined ? {} : { refund }),
    ...(notice === undefined ? {} : { notice }),
    ...charge,
  }
}

const APPROVE_ALL: Script = APPROVE

export function findInstrument(method: InstrumentMethod, key: string): SandboxInstrument | undefined {
  return BY_KEY.get(`${method} ${key}`)
}
