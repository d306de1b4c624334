// What a gateway must be able to do for us. A connector is pure: it turns our request into one HTTP request, and one
// HTTP reply into our words. The caller does the sending, so deadlines, logs and scrubbing are written once.
// A capability is the presence of its exchange: a connector cannot claim one and lack it.
import type { TSchema } from 'typebox'
import type { DisputeReport } from '../../domain/dispute/report.ts'
import type { MandateChange, MandateTerms } from '../../domain/mandate/mandate.ts'
import type { MandateReport, NoticeReport } from '../../domain/mandate/report.ts'
import type { Instrument, PaymentMethod, SavedInstrument } from '../../domain/payment/method.ts'
import type { Decline, MandateClaim, PaymentClaim, PaymentReport, RefundReport } from '../../domain/payment/report.ts'
import type { RefundReason } from '../../domain/refund/refund.ts'
import type { SettlementFile, SettlementSummary } from '../../domain/settlement/settlement.ts'
import type { CustomerId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** What a reply means. Anything that is not certain is unknown; a sync or a notification settles it. */
export type Result<Report> =
  | { readonly kind: 'report'; readonly report: Report }
  /** A definite no that names no object of the gateway's. */
  | { readonly kind: 'declined'; readonly decline: Decline }
  /** Certainly nothing happened: it never left us, or the gateway refused the call itself. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Sync only: the gateway has never seen it. Counts only after a grace period; the request may be on its way. */
  | { readonly kind: 'absent' }

export type Exchange<Input, Credentials, Report> = {
  toRequest(input: Input, credentials: Credentials): WireRequest
  fromReply(reply: WireReply, input: Input): Result<Report>
}

export type Payer = {
  readonly name: string | null
  readonly email: string | null
  readonly phone: string | null
}

export type AuthorizeInput = {
  /** Our attempt's reference: the gateway's idempotency key and the name we ask by. Stable across retries. */
  readonly reference: string
  readonly amount: Money
  /** `automatic` captures in the same step (a sale). */
  readonly capture: 'automatic' | 'manual'
  readonly instrument: Instrument | SavedInstrument
  readonly description: string
  readonly payer: Payer
  /** Our id of the customer, where the order has one: a gateway keeps what belongs to a person under it. */
  readonly customer?: string
  /** Where the gateway sends the payer's browser after a step of its own. Never proof of anything. */
  readonly returnUrl: string
  /** Present: this payment registers a mandate. Only with methods of `mandateMethods`. */
  readonly mandate?: MandateTerms & { readonly reference: string }
  /**
   * Present: the payer asked this customer's instrument to be kept. Only with methods of `savesMethods`. The report of
   * the payment that succeeded says what was kept, however often it is told.
   */
  readonly keepFor?: CustomerId
}

export type ChargeMandateInput = {
  /** Our attempt's reference, as for authorize: idempotency key and the name that `sync` asks by. */
  readonly reference: string
  readonly gatewayMandateId: string
  /** As when the mandate was registered: our customer's id, or the mandate's where it has none. */
  readonly customer: string
  readonly amount: Money
  readonly description: string
  readonly debitDay: string
  /** The gateway's id of the pre-debit notice that covers it; null where none is needed. */
  readonly gatewayNoticeId: string | null
  /** Above the limit: the payer has to confirm it; the report is `requires_action`. */
  readonly additionalFactor: boolean
  readonly returnUrl: string
}

export type NotifyDebitInput = {
  /** Our notice's reference: sent twice, it is one notice. */
  readonly reference: string
  readonly gatewayMandateId: string
  readonly amount: Money
  /** `2026-12-05`, in the merchant's zone. */
  readonly debitDay: string
  readonly description: string
}

export type ChangeMandateInput = {
  /** Stable across retries; a repeat shows the mandate as it stands. */
  readonly reference: string
  readonly gatewayMandateId: string
  readonly maxAmount: Money
  readonly change: MandateChange
  /** When it was asked for; the same for every repeat. */
  readonly askedAt: Date
  /** Pause only. */
  readonly pauseEndsAt: Date | null
}

export type SyncMandateInput = {
  readonly reference: string
  readonly gatewayMandateId: string
  readonly maxAmount: Money
}

export type FollowUpInput = {
  /** Idempotency key of this operation. Stable across retries. */
  readonly operationId: string
  readonly gatewayPaymentId: string
  readonly reference: string
  /** Amount of this step, not a total. For a void: the whole hold. */
  readonly amount: Money
  /** Capture only: whether the remainder of the hold is released. */
  readonly final: boolean
  /** Of a payment taken on the gateway's page: `gatewayTry` of its facts. */
  readonly gatewayTry: string | null
}

export type CancelInput = { readonly reference: string; readonly gatewayPaymentId: string; readonly amount: Money }

export type RefundInput = {
  /** Our refund's reference and the gateway's idempotency key. Stable across retries. */
  readonly reference: string
  readonly gatewayPaymentId: string
  readonly amount: Money
  readonly reason: RefundReason
}

export type SyncInput = {
  readonly reference: string
  readonly gatewayPaymentId: string | null
  readonly amount: Money
  /** Whether the payer pays on the gateway's own page: there a refused try is not the end. */
  readonly onPage: boolean
}
export type SyncRefundInput = {
  readonly reference: string
  readonly gatewayRefundId: string | null
  readonly gatewayPaymentId: string
  readonly amount: Money
}

export type SyncDisputeInput = { readonly gatewayDisputeId: string; readonly amount: Money }
export type AcceptDisputeInput = SyncDisputeInput
export type SubmitEvidenceInput = SyncDisputeInput & {
  /** Ours: sent twice, it is one submission. */
  readonly reference: string
  readonly statement: string
  /** Where what proves it can be found: tracking numbers, addresses, names of documents. */
  readonly references: readonly string[]
}

export type RawNotification = {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The exact bytes that arrived. */
  readonly body: Buffer
}

export type NotificationContent = {
  /** The gateway's own id of this message; duplicates are dropped by it, for ever. */
  readonly gatewayEventId: string
  readonly reports: readonly (
    | { readonly kind: 'payment'; readonly report: PaymentReport }
    | { readonly kind: 'refund'; readonly report: RefundReport }
    | { readonly kind: 'mandate'; readonly report: MandateReport }
    | { readonly kind: 'notice'; readonly report: NoticeReport }
    | { readonly kind: 'payment_claim'; readonly claim: PaymentClaim }
    | { readonly kind: 'mandate_claim'; readonly claim: MandateClaim }
    | { readonly kind: 'dispute'; readonly report: DisputeReport }
  )[]
}

export type Notifications<Credentials> = {
  /** Over the raw bytes, in constant time, both-sided tolerance; fails closed. Returns the reason for a refusal. */
  verify(raw: RawNotification, credentials: Credentials, now: Date): { ok: true } | { ok: false; reason: string }
  /** Undefined when the content cannot be read: it is kept and shown, never dropped. */
  read(raw: RawNotification): NotificationContent | undefined
}

/** The gateway's files about what it paid out. Read by a job once a day, and on request. */
export type Settlements<Credentials> = {
  /** Oldest first, after the one of this id. */
  readonly list: Exchange<
    { readonly after: string | null },
    Credentials,
    { readonly items: readonly SettlementSummary[]; readonly hasMore: boolean }
  >
  readonly fetch: Exchange<{ readonly gatewaySettlementId: string }, Credentials, { readonly text: string }>
  /** Pure; never throws. A file of which anything cannot be read is not read at all. */
  parse(text: string): SettlementFile | { readonly unreadable: string }
  /** After this long, ms, captured money that no file has is shown to a person. */
  readonly expectedWithinMs: number
}

export type ClockReport = {
  /** How far the account's clock is ahead of real time, ms. */
  readonly offsetMs: number
  /** Until something of the account's comes due there, ms; null when nothing waits. */
  readonly nextDueInMs: number | null
}

/** Of a gateway that is played: the account's clock moves with the merchant's test clock. No real gateway has one. */
export type GatewayClock<Credentials> = {
  readonly read: Exchange<null, Credentials, ClockReport>
  /** Forward only, to where it is so far ahead; resolves once everything that came due is done and told. */
  readonly advance: Exchange<{ readonly offsetMs: number }, Credentials, ClockReport>
}

export type Connector<Credentials = unknown> = {
  readonly name: string
  /** Moves no real money, so that no live account can be made with it. */
  readonly testOnly?: true
  /**
   * Shape of the credentials that a gateway account keeps sealed: an object of texts. Each has a `description` for the
   * merchant who fills it in (`GET /v1/connectors`), and `writeOnly: true` where whoever knows it could act for them.
   */
  readonly credentialsSchema: TSchema
  /** Addresses in the credentials that we shall call; each is checked before the account is kept. */
  addressesIn?(credentials: Credentials): readonly string[]
  /** Our payments' and refunds' names at a gateway whose names are shorter than our ids. Made once, and kept. */
  nameOf?(id: string): string
  /** Methods that `authorize` takes. `gateway_page`: it opens a page of the gateway's, where the payer pays. */
  readonly methods: readonly PaymentMethod[]
  /** What is to be captured later cannot be asked for; a hold that the gateway makes all the same is followed. */
  readonly capturesAtOnce?: true
  readonly authorize?: Exchange<AuthorizeInput, Credentials, PaymentReport>
  readonly capture?: Exchange<FollowUpInput, Credentials, PaymentReport>
  readonly void?: Exchange<FollowUpInput, Credentials, PaymentReport>
  /** Ends a payment that still waits for its payer. Sent twice, it shows the payment as it stands. */
  readonly cancel?: Exchange<CancelInput, Credentials, PaymentReport>
  readonly refund?: Exchange<RefundInput, Credentials, RefundReport>
  readonly syncRefund?: Exchange<SyncRefundInput, Credentials, RefundReport>
  /** Required: without it an unknown outcome could never be settled. */
  readonly sync: Exchange<SyncInput, Credentials, PaymentReport>
  /** Methods with which `authorize` takes a mandate. Without one, a required mandate is refused. */
  readonly mandateMethods?: readonly PaymentMethod[]
  /**
   * Methods that the gateway can keep for a customer and take back as a `SavedInstrument`. What it calls one is an
   * identifier: of use with the account's own credentials alone, and for that customer. It stands in our tables.
   */
  readonly savesMethods?: readonly PaymentMethod[]
  readonly chargeMandate?: Exchange<ChargeMandateInput, Credentials, PaymentReport>
  readonly notifyDebit?: Exchange<NotifyDebitInput, Credentials, NoticeReport>
  readonly changeMandate?: Exchange<ChangeMandateInput, Credentials, MandateReport>
  readonly syncMandate?: Exchange<SyncMandateInput, Credentials, MandateReport>
  /** Without these a merchant answers at the gateway's own pages, and what it says here is only kept. */
  readonly acceptDispute?: Exchange<AcceptDisputeInput, Credentials, DisputeReport>
  readonly submitEvidence?: Exchange<SubmitEvidenceInput, Credentials, DisputeReport>
  readonly syncDispute?: Exchange<SyncDisputeInput, Credentials, DisputeReport>
  readonly notifications?: Notifications<Credentials>
  readonly clock?: GatewayClock<Credentials>
  readonly settlements?: Settlements<Credentials>
  /** How long "never seen it" may still mean "on its way", ms. */
  readonly absentGraceMs: number
  /** Required: removes every secret and card number from text bound for storage or a log. */
  scrub(text: string): string
}
