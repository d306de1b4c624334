// Payments at rest. SQL lives here and nowhere above; a row becomes a PaymentRecord in exactly one place, and that
// place checks what it reads. The caps and the one-alive rule are constraints of the table.
import { isDeclineCode } from '../domain/payment/decline-codes.ts'
import type { KeptInstrument, PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord, PersonOutcome } from '../domain/payment/record.ts'
import { DECLINE_STAGES } from '../domain/payment/report.ts'
import type { Decline, PayerAction, PaymentFacts } from '../domain/payment/report.ts'
import { PAYMENT_STATUSES } from '../domain/payment/states.ts'
import type { PaymentStatus } from '../domain/payment/states.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { GatewayAccountId, MandateId, OrderId, PaymentId, SessionId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Tx } from './db.ts'
import { violates } from './db.ts'

const COLUMNS = `p.id, p.order_id, p.session_id, p.gateway_account_id, p.origin, p.reference, p.gateway_payment_id,
  p.status, p.version, p.currency, p.amount, p.amount_authorized, p.amount_captured, p.capture_final,
  p.amount_refunded, p.amount_refund_pending, p.amount_disputed, p.amount_allocated,
  p.amount_reversed, p.capture, p.method, p.instrument, p.facts, p.action,
  p.decline_stage, p.decline_code, p.decline_gateway_code, p.failure_reason, p.duplicate, p.late, p.created_at,
  p.updated_at, p.captured_at, p.mandate_id, p.mandate_role, p.person_outcome`

export type NewPayment = Pick<
  PaymentRecord,
  | 'id'
  | 'orderId'
  | 'sessionId'
  | 'gatewayAccountId'
  | 'origin'
  | 'reference'
  | 'amount'
  | 'capture'
  | 'method'
  | 'instrument'
  | 'status'
> &
  Partial<Pick<PaymentRecord, 'mandateId' | 'mandateRole'>>

/** @throws AppError payment_alive when another attempt of ours is alive, whoever started it a moment ago. */
export async function insertPayment(tx: Tx, payment: NewPayment): Promise<PaymentRecord> {
  try {
    const { rows } = await tx.query<PaymentRow>(
      `insert into payments as p (merchant_id, mode, id, order_id, session_id, gateway_account_id, origin, reference,
         amount, currency, capture, method, instrument, status, created_at, updated_at, mandate_id, mandate_role)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17)
       returning ${COLUMNS}`,
      [
        tx.tenant.merchantId,
        tx.tenant.mode,
        payment.id,
        payment.orderId,
        payment.sessionId,
        payment.gatewayAccountId,
        payment.origin,
        payment.reference,
        payment.amount.minor,
        payment.amount.currency,
        payment.capture,
        payment.method,
        payment.instrument,
        payment.status,
        tx.now,
        payment.mandateId ?? null,
        payment.mandateRole ?? null,
      ],
    )
    return toPayment(rows[0])
  } catch (error) {
    if (violates(error, 'payments_one_alive')) throw new AppError('payment_alive', {}, { cause: error })
    throw error
  }
}

/** Holds the row until the transaction ends: two callers never decide at once. Lock its order first. */
export async function lockPayment(tx: Tx, id: PaymentId): Promise<PaymentRecord> {
  const { rows } = await tx.query<PaymentRow>(
    `select ${COLUMNS} from payments p where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toPayment(rows[0])
}

export async function readPayment(tx: Tx, id: PaymentId): Promise<PaymentRecord> {
  const { rows } = await tx.query<PaymentRow>(
    `select ${COLUMNS} from payments p where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toPayment(rows[0])
}

/** Which payment a gateway means: by its own id first, else by our reference. Undefined when we know neither. */
export async function findPayment(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  names: { gatewayPaymentId: string; reference: string | null },
): Promise<PaymentRecord | undefined> {
  const { rows } = await tx.query<PaymentRow>(
    `select ${COLUMNS} from payments p
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and (gateway_payment_id = $4 or reference = $5)
      order by (gateway_payment_id = $4) desc nulls last
      limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, names.gatewayPaymentId, names.reference],
  )
  return rows[0] === undefined ? undefined : toPayment(rows[0])
}

export async function listPaymentsOfOrder(tx: Tx, orderId: OrderId): Promise<readonly PaymentRecord[]> {
  const { rows } = await tx.query<PaymentRow>(
    `select ${COLUMNS} from payments p where merchant_id = $1 and mode = $2 and order_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, orderId],
  )
  return rows.map(toPayment)
}

/**
 * Writes everything about a locked payment that a report may change.
 * The database refuses a move that the state table does not allow and amounts beyond a cap.
 */
export async function savePayment(tx: Tx, before: PaymentRecord, after: PaymentRecord): Promise<PaymentRecord> {
  const { rows } = await tx.query<PaymentRow>(
    `update payments p
        set status = $5, amount_authorized = $6, amount_captured = $7, capture_final = $8, amount_refunded = $9,
            amount_refund_pending = $10, gateway_payment_id = $11, facts = $12, action = $13, decline_stage = $14,
            decline_code = $15, decline_gateway_code = $16, failure_reason = $17, duplicate = $18, late = $19,
            captured_at = $20, updated_at = $21, person_outcome = $22, amount_allocated = $23,
            amount_reversed = $24, amount_disputed = $25, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.status,
      after.amountAuthorized.minor,
      after.amountCaptured.minor,
      after.captureFinal,
      after.amountRefunded.minor,
      after.amountRefundPending.minor,
      after.gatewayPaymentId,
      after.facts,
      after.action,
      after.decline?.stage ?? null,
      after.decline?.code ?? null,
      after.decline?.gatewayCode ?? null,
      after.failureReason,
      after.duplicate,
      after.late,
      after.capturedAt,
      tx.now,
      after.personOutcome,
      after.amountAllocated.minor,
      after.amountReversed.minor,
      after.amountDisputed.minor,
    ],
  )
  invariant(rows.length === 1, 'The payment was locked, so its version cannot have moved.')
  return toPayment(rows[0])
}

export type PaymentFilter = {
  readonly status: PaymentStatus | null
  readonly method: PaymentMethod | null
  readonly orderId: OrderId | null
  readonly from: Date | null
  readonly to: Date | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listPaymentRows(tx: Tx, filter: PaymentFilter): Promise<readonly PaymentRecord[]> {
  const { rows } = await tx.query<PaymentRow>(
    `select ${COLUMNS} from payments p
      where merchant_id = $1 and mode = $2
        and ($3::text is null or status = $3)
        and ($4::text is null or method = $4)
        and ($5::text is null or order_id = $5)
        and ($6::timestamptz is null or created_at >= $6)
        and ($7::timestamptz is null or created_at < $7)
        and ($8::text is null or id < $8)
      order by id desc
      limit $9`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      filter.status,
      filter.method,
      filter.orderId,
      filter.from,
      filter.to,
      filter.before,
      filter.limit,
    ],
  )
  return rows.map(toPayment)
}

/** Exact look-ups by whatever a person has in hand: an id, a reference, an RRN, a VPA, or an order's reference. */
export async function searchPaymentRows(
  tx: Tx,
  search: string,
  page: { before: string | null; limit: number },
): Promise<readonly PaymentRecord[]> {
  const { rows } = await tx.query<PaymentRow>(
    `with found as (
       select id from payments where merchant_id = $1 and mode = $2
          and (id = $3 or order_id = $3 or reference = $3 or gateway_payment_id = $3)
       union
       select id from payments where merchant_id = $1 and mode = $2
          and (facts ? 'rrn' and facts->>'rrn' = $3 or facts ? 'vpa' and facts->>'vpa' = $3
            or facts ? 'lastFour' and facts->>'lastFour' = $3)
       union
       select y.id from orders o join payments y on y.merchant_id = $1 and y.mode = $2 and y.order_id = o.id
        where o.merchant_id = $1 and o.mode = $2 and lower(o.reference) = lower($3)
     )
     select ${COLUMNS} from found join payments p on p.merchant_id = $1 and p.mode = $2 and p.id = found.id
      where ($4::text is null or p.id < $4)
      order by p.id desc
      limit $5`,
    [tx.tenant.merchantId, tx.tenant.mode, search, page.before, page.limit],
  )
  return rows.map(toPayment)
}

type PaymentRow = {
  id: PaymentId
  order_id: OrderId | null
  session_id: SessionId | null
  gateway_account_id: GatewayAccountId | null
  origin: 'ours' | 'gateway'
  reference: string
  gateway_payment_id: string | null
  status: string
  version: number
  currency: string
  amount: string // Postgres sends bigint as text; it stays exact.
  amount_authorized: string
  amount_captured: string
  capture_final: boolean
  amount_refunded: string
  amount_refund_pending: string
  amount_disputed: string
  amount_allocated: string
  amount_reversed: string
  capture: 'automatic' | 'manual'
  method: PaymentMethod
  instrument: KeptInstrument
  facts: PaymentFacts
  action: PayerAction | null
  decline_stage: string | null
  decline_code: string | null
  decline_gateway_code: string | null
  failure_reason: string | null
  duplicate: boolean
  late: boolean
  created_at: Date
  updated_at: Date
  captured_at: Date | null
  mandate_id: MandateId | null
  mandate_role: 'registration' | 'charge' | null
  person_outcome: PersonOutcome | null
}

function toPayment(row: PaymentRow | undefined): PaymentRecord {
  if (row === undefined) throw new AppError('payment_not_found')
  const { currency } = row
  const status = PAYMENT_STATUSES.find((known) => known === row.status)
  invariant(isCurrency(currency) && status !== undefined, `Payment ${row.id} has a currency and a status we know.`)
  const amount = (minor: string) => money(BigInt(minor), currency)
  return {
    id: row.id,
    orderId: row.order_id,
    sessionId: row.session_id,
    gatewayAccountId: row.gateway_account_id,
    origin: row.origin,
    reference: row.reference,
    gatewayPaymentId: row.gateway_payment_id,
    status,
    version: row.version,
    amount: amount(row.amount),
    amountAuthorized: amount(row.amount_authorized),
    amountCaptured: amount(row.amount_captured),
    captureFinal: row.capture_final,
    amountRefunded: amount(row.amount_refunded),
    amountRefundPending: amount(row.amount_refund_pending),
    amountDisputed: amount(row.amount_disputed),
    amountAllocated: amount(row.amount_allocated),
    amountReversed: amount(row.amount_reversed),
    capture: row.capture,
    method: row.method,
    instrument: row.instrument,
    facts: row.facts,
    action: row.action,
    decline: toDecline(row),
    failureReason: row.failure_reason,
    duplicate: row.duplicate,
    late: row.late,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    capturedAt: row.captured_at,
    mandateId: row.mandate_id,
    mandateRole: row.mandate_role,
    personOutcome: row.person_outcome,
  }
}

function toDecline(row: PaymentRow): Decline | null {
  if (row.decline_code === null) return null
  const stage = DECLINE_STAGES.find((known) => known === row.decline_stage)
  invariant(stage !== undefined && isDeclineCode(row.decline_code), `Payment ${row.id} has a decline we know.`)
  return { stage, code: row.decline_code, gatewayCode: row.decline_gateway_code ?? '' }
}
