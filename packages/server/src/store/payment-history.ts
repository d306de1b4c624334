// What is kept of a payment beside its row, append-only: its transitions, its postings, its conflicts, and the
// scrubbed exchanges with the gateway.
import type { LedgerAccount } from '../domain/ledger/accounts.ts'
import type { Posting } from '../domain/ledger/posting.ts'
import type { Cause, PaymentTransitionRecord } from '../domain/payment/record.ts'
import type { Clock } from '../kernel/clock.ts'
import type {
  ConflictId,
  DisputeId,
  ExchangeId,
  OperationId,
  PaymentId,
  PostingId,
  RefundId,
  SettlementLineId,
} from '../kernel/ids.ts'
import { PostingId as PostingIds } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

export async function insertTransition(
  tx: Tx,
  change: {
    paymentId: PaymentId
    version: number
    from: string | null
    to: string
    event: string
    cause: Cause
    actor: string
    requestId: string | null
    details?: object
  },
): Promise<void> {
  tx.write(
    `insert into payment_transitions
       (merchant_id, mode, payment_id, version, from_status, to_status, event, cause, actor, request_id, details, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      change.paymentId,
      change.version,
      change.from,
      change.to,
      change.event,
      change.cause,
      change.actor,
      change.requestId,
      change.details ?? {},
      tx.now,
    ],
  )
}

export async function listTransitions(tx: Tx, paymentId: PaymentId): Promise<readonly PaymentTransitionRecord[]> {
  const { rows } = await tx.query<PaymentTransitionRecord>(
    `select version, from_status as "from", to_status as "to", event, cause, actor, request_id as "requestId", details, at
       from payment_transitions where merchant_id = $1 and mode = $2 and payment_id = $3 order by version`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows
}

/** `paymentVersion` ties the postings to the change that made them. */
export async function insertPostings(
  tx: Tx,
  clock: Clock,
  about: {
    paymentId: PaymentId
    refundId: RefundId | null
    disputeId?: DisputeId
    paymentVersion: number
    settlementLineId?: SettlementLineId
  },
  postings: readonly Posting[],
): Promise<void> {
  for (const posting of postings) {
    tx.write(
      `insert into postings (merchant_id, mode, id, payment_id, refund_id, debit, credit, amount, currency, reason,
         payment_version, at, settlement_line_id, dispute_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        tx.tenant.merchantId,
        tx.tenant.mode,
        PostingIds.create(clock.now()),
        about.paymentId,
        about.refundId,
        posting.debit,
        posting.credit,
        posting.amount.minor,
        posting.amount.currency,
        posting.reason,
        about.paymentVersion,
        tx.now,
        about.settlementLineId ?? null,
        about.disputeId ?? null,
      ],
    )
  }
}

export type PostingRecord = {
  readonly id: PostingId
  readonly refundId: RefundId | null
  readonly disputeId: DisputeId | null
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amountMinor: bigint
  readonly currency: string
  readonly reason: string
  readonly at: Date
}

export async function listPostings(tx: Tx, paymentId: PaymentId): Promise<readonly PostingRecord[]> {
  const { rows } = await tx.query<Omit<PostingRecord, 'amountMinor'> & { amount: string }>(
    `select id, refund_id as "refundId", dispute_id as "disputeId", debit, credit, amount, currency, reason, at
       from postings where merchant_id = $1 and mode = $2 and payment_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }))
}

export type ConflictRecord = {
  readonly id: ConflictId
  readonly kind: string
  readonly details: Readonly<Record<string, unknown>>
  readonly at: Date
}

export async function insertConflict(
  tx: Tx,
  conflict: { id: ConflictId; paymentId: PaymentId | null; kind: string; details: object },
): Promise<void> {
  await tx.query(
    `insert into conflicts (merchant_id, mode, id, payment_id, kind, details, at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.tenant.merchantId, tx.tenant.mode, conflict.id, conflict.paymentId, conflict.kind, conflict.details, tx.now],
  )
}

export async function listConflicts(tx: Tx, paymentId: PaymentId): Promise<readonly ConflictRecord[]> {
  const { rows } = await tx.query<ConflictRecord>(
    `select id, kind, details, at from conflicts where merchant_id = $1 and mode = $2 and payment_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows
}

/** One HTTP request and reply with a gateway, scrubbed before it comes here. */
export type ExchangeRecord = {
  readonly id: ExchangeId
  readonly paymentId: PaymentId
  readonly operationId: OperationId | null
  readonly kind: string
  readonly method: string
  readonly url: string
  readonly request: string
  readonly outcome: string
  readonly status: number | null
  readonly reply: string
  readonly durationMs: number
}

export async function insertExchange(tx: Tx, exchange: ExchangeRecord): Promise<void> {
  tx.write(
    `insert into exchanges (merchant_id, mode, id, payment_id, operation_id, kind, method, url, request, outcome, status,
       reply, duration_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      exchange.id,
      exchange.paymentId,
      exchange.operationId,
      exchange.kind,
      exchange.method,
      exchange.url,
      exchange.request,
      exchange.outcome,
      exchange.status,
      exchange.reply,
      exchange.durationMs,
    ],
  )
}

export async function listExchangeRows(
  tx: Tx,
  paymentId: PaymentId,
): Promise<readonly (ExchangeRecord & { readonly at: Date })[]> {
  const { rows } = await tx.query<ExchangeRecord & { at: Date }>(
    `select id, payment_id as "paymentId", operation_id as "operationId", kind, method, url, request, outcome, status,
            reply, duration_ms as "durationMs", at
       from exchanges where merchant_id = $1 and mode = $2 and payment_id = $3 order by id limit 500`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows
}

/** Amounts of the single captures of a payment, as they were asked for or became known. */
export async function listCapturedParts(tx: Tx, paymentId: PaymentId): Promise<readonly bigint[]> {
  const { rows } = await tx.query<{ amount: string }>(
    `select amount from postings where merchant_id = $1 and mode = $2 and payment_id = $3 and reason = 'capture'
     union
     select amount from operations
      where merchant_id = $1 and mode = $2 and payment_id = $3 and kind = 'capture' and status = 'succeeded'`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map((row) => BigInt(row.amount))
}
