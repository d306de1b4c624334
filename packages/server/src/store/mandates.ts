// Mandates at rest. A row becomes a Mandate in one place. The terms are written once: the application's role may not
// change them, and the status moves only as the domain's table says.
import type { Cause } from '../domain/payment/record.ts'
import type { AmountRule, DayRule, Frequency, Mandate, MandateChange, Requirement } from '../domain/mandate/mandate.ts'
import { MANDATE_STATUSES } from '../domain/mandate/states.ts'
import type { MandateStatus } from '../domain/mandate/states.ts'
import { PAYMENT_METHODS } from '../domain/payment/method.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { CustomerId, GatewayAccountId, MandateId, OrderId, PaymentId, Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `id, token, order_id, customer_id, requirement, payment_id, gateway_account_id, method, gateway_mandate_id,
  gateway_sequence, status, version, currency, max_amount, amount_rule, frequency, day_rule, day_of_period, starts_at,
  ends_at, revocable_by_customer, block_funds, registration_uses_period, pending_change, pause_from, resume_at,
  pause_starts_at, pause_ends_at, failure_reason, activated_at, last_activated_at, revoked_at, created_at, updated_at`

export type NewMandate = Pick<
  Mandate,
  | 'id'
  | 'orderId'
  | 'customerId'
  | 'requirement'
  | 'maxAmount'
  | 'amountRule'
  | 'frequency'
  | 'dayRule'
  | 'startsAt'
  | 'endsAt'
  | 'revocableByCustomer'
  | 'blockFunds'
  | 'registrationUsesPeriod'
>

export async function insertMandate(tx: Tx, mandate: NewMandate): Promise<Mandate> {
  const { rows } = await tx.query<MandateRow>(
    `insert into mandates (merchant_id, mode, id, order_id, customer_id, requirement, status, currency, max_amount,
       amount_rule, frequency, day_rule, day_of_period, starts_at, ends_at, revocable_by_customer, block_funds,
       registration_uses_period, due_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, 'created', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $14, $18, $18)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      mandate.id,
      mandate.orderId,
      mandate.customerId,
      mandate.requirement,
      mandate.maxAmount.currency,
      mandate.maxAmount.minor,
      mandate.amountRule,
      mandate.frequency,
      mandate.dayRule?.rule ?? null,
      mandate.dayRule?.day ?? null,
      mandate.startsAt,
      mandate.endsAt,
      mandate.revocableByCustomer,
      mandate.blockFunds,
      mandate.registrationUsesPeriod,
      tx.now,
    ],
  )
  return toMandate(rows[0])
}

export async function readMandate(tx: Tx, id: MandateId): Promise<Mandate> {
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toMandate(rows[0])
}

/** @throws AppError mandate_not_found */
export async function readMandateByToken(tx: Tx, token: string): Promise<Mandate> {
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates where merchant_id = $1 and mode = $2 and token = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, token],
  )
  return toMandate(rows[0])
}

/** Holds the row until the transaction ends. Lock order: order, payment, mandate, execution. */
export async function lockMandate(tx: Tx, id: MandateId): Promise<Mandate> {
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toMandate(rows[0])
}

/** Which mandate a gateway means: by its own id first, else by our reference, which is our id. */
export async function findMandate(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  names: { gatewayMandateId: string; reference: string | null },
): Promise<Mandate | undefined> {
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and (gateway_mandate_id = $4 or id = $5)
      order by (gateway_mandate_id = $4) desc nulls last
      limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, names.gatewayMandateId, names.reference],
  )
  return rows[0] === undefined ? undefined : toMandate(rows[0])
}

/**
 * Writes what may change of a locked mandate. `dueAt` is when it is looked at next.
 * The database refuses a move that the state table does not allow.
 */
export async function saveMandate(tx: Tx, before: Mandate, after: Mandate, dueAt: Date | null): Promise<Mandate> {
  const { rows } = await tx.query<MandateRow>(
    `update mandates
        set payment_id = $5, gateway_account_id = $6, method = $7, gateway_mandate_id = $8, gateway_sequence = $9,
            status = $10, pending_change = $11, pause_starts_at = $12, pause_ends_at = $13, failure_reason = $14,
            activated_at = $15, last_activated_at = $16, revoked_at = $17, due_at = $18, updated_at = $19,
            pause_from = $20, resume_at = $21, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.paymentId,
      after.gatewayAccountId,
      after.method,
      after.gatewayMandateId,
      after.gatewaySequence,
      after.status,
      after.pendingChange,
      after.pauseStartsAt,
      after.pauseEndsAt,
      after.failureReason,
      after.activatedAt,
      after.lastActivatedAt,
      after.revokedAt,
      dueAt,
      tx.now,
      after.pauseFrom,
      after.resumeAt,
    ],
  )
  invariant(rows.length === 1, 'The mandate was locked, so its version cannot have moved.')
  return toMandate(rows[0])
}

/** It is looked at soon, unless it has ended: the gateway may know more of it than we do. */
export async function lookAtMandate(tx: Tx, id: MandateId): Promise<void> {
  await tx.query(
    `update mandates set due_at = $4, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and status in ('active', 'paused')`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
}

export type MandateTransition = {
  readonly version: number
  readonly from: MandateStatus | null
  readonly to: MandateStatus
  readonly event: string
  readonly cause: Cause
  readonly actor: string
  readonly requestId: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly at: Date
}

export async function insertMandateTransition(
  tx: Tx,
  mandateId: MandateId,
  change: Omit<MandateTransition, 'at' | 'details'> & { readonly details?: object },
): Promise<void> {
  await tx.query(
    `insert into mandate_transitions
       (merchant_id, mode, mandate_id, version, from_status, to_status, event, cause, actor, request_id, details, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      mandateId,
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

export async function listMandateTransitions(tx: Tx, id: MandateId): Promise<readonly MandateTransition[]> {
  const { rows } = await tx.query<MandateTransition>(
    `select version, from_status as "from", to_status as "to", event, cause, actor, request_id as "requestId",
            details, at
       from mandate_transitions where merchant_id = $1 and mode = $2 and mandate_id = $3 order by version`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows
}

/** Mandates of every tenant that something is due for. Not leased: who looks at one locks it and checks again. */
export async function listMandatesDue(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { tenant: Tenant; id: MandateId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('d', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: MandateId }>(
    `select d.merchant_id, d.mode, d.id from mandates d join merchants m on m.id = d.merchant_id
      where d.due_at <= now() + (select max(clock_offset) from merchants)
        and d.due_at <= now() + case when d.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by d.due_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

export type MandateFilter = {
  readonly status: MandateStatus | null
  readonly customerId: CustomerId | null
  readonly orderId: OrderId | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listMandateRows(tx: Tx, filter: MandateFilter): Promise<readonly Mandate[]> {
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates
      where merchant_id = $1 and mode = $2
        and ($3::text is null or status = $3)
        and ($4::text is null or customer_id = $4)
        and ($5::text is null or order_id = $5)
        and ($6::text is null or id < $6)
      order by id desc
      limit $7`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      filter.status,
      filter.customerId,
      filter.orderId,
      filter.before,
      filter.limit,
    ],
  )
  return rows.map(toMandate)
}

/** Newest first, and how many there are in all. */
export async function listMandatesOfCustomer(
  tx: Tx,
  customerId: CustomerId,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ readonly total: number; readonly mandates: readonly Mandate[] }> {
  const values = [tx.tenant.merchantId, tx.tenant.mode, customerId]
  const counted = await tx.query<{ total: number }>(
    'select count(*)::int as total from mandates where merchant_id = $1 and mode = $2 and customer_id = $3',
    values,
  )
  const { rows } = await tx.query<MandateRow>(
    `select ${COLUMNS} from mandates where merchant_id = $1 and mode = $2 and customer_id = $3
      order by id desc limit $4 offset $5`,
    [...values, page.limit, page.offset],
  )
  return { total: counted.rows[0]?.total ?? 0, mandates: rows.map(toMandate) }
}

type MandateRow = {
  id: MandateId
  token: string
  order_id: OrderId
  customer_id: CustomerId | null
  requirement: Requirement
  payment_id: PaymentId | null
  gateway_account_id: GatewayAccountId | null
  method: string | null
  gateway_mandate_id: string | null
  gateway_sequence: string | null
  status: string
  version: number
  currency: string
  max_amount: string
  amount_rule: AmountRule
  frequency: Frequency
  day_rule: DayRule['rule'] | null
  day_of_period: number | null
  starts_at: Date
  ends_at: Date
  revocable_by_customer: boolean
  block_funds: boolean
  registration_uses_period: boolean
  pending_change: MandateChange | null
  pause_from: Date | null
  resume_at: Date | null
  pause_starts_at: Date | null
  pause_ends_at: Date | null
  failure_reason: string | null
  activated_at: Date | null
  last_activated_at: Date | null
  revoked_at: Date | null
  created_at: Date
  updated_at: Date
}

function toMandate(row: MandateRow | undefined): Mandate {
  if (row === undefined) throw new AppError('mandate_not_found')
  const { currency } = row
  const status = MANDATE_STATUSES.find((known) => known === row.status)
  invariant(isCurrency(currency) && status !== undefined, `Mandate ${row.id} has a currency and a status we know.`)
  return {
    id: row.id,
    token: row.token,
    orderId: row.order_id,
    customerId: row.customer_id,
    requirement: row.requirement,
    paymentId: row.payment_id,
    gatewayAccountId: row.gateway_account_id,
    method: PAYMENT_METHODS.find((known) => known === row.method) ?? null,
    gatewayMandateId: row.gateway_mandate_id,
    // A count of changes stays far below 2^53.
    gatewaySequence: row.gateway_sequence === null ? null : Number.parseInt(row.gateway_sequence, 10),
    status,
    version: row.version,
    maxAmount: money(BigInt(row.max_amount), currency),
    amountRule: row.amount_rule,
    frequency: row.frequency,
    dayRule: row.day_rule === null ? null : { rule: row.day_rule, day: row.day_of_period ?? 0 },
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    revocableByCustomer: row.revocable_by_customer,
    blockFunds: row.block_funds,
    registrationUsesPeriod: row.registration_uses_period,
    pendingChange: row.pending_change,
    pauseFrom: row.pause_from,
    resumeAt: row.resume_at,
    pauseStartsAt: row.pause_starts_at,
    pauseEndsAt: row.pause_ends_at,
    failureReason: row.failure_reason,
    activatedAt: row.activated_at,
    lastActivatedAt: row.last_activated_at,
    revokedAt: row.revoked_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
