// Orders at rest. A row becomes an Order in one place, and that place checks what it reads.
import { ORDER_STATUSES } from '../domain/order/states.ts'
import type { OrderStatus } from '../domain/order/states.ts'
import type { Order, PayerDetails } from '../domain/order/order.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { CustomerId, MandateId, OrderId, PaymentId, SessionId, Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'
import { violates } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `id, reference, amount, currency, description, customer_id, payer, metadata, return_url, capture,
  late_success, status, paid_late, amount_captured, amount_refunded, amount_allocated,
  amount_allocated_refunded, terms_version, version, expires_at, expired_at,
  canceled_at, paid_at, created_at, updated_at, mandate_id`

export type NewOrder = Pick<
  Order,
  | 'id'
  | 'reference'
  | 'amount'
  | 'description'
  | 'customerId'
  | 'payer'
  | 'metadata'
  | 'returnUrl'
  | 'capture'
  | 'lateSuccess'
  | 'expiresAt'
> &
  Partial<Pick<Order, 'mandateId'>>

/** @throws AppError order_reference_taken, customer_not_found */
export async function insertOrder(tx: Tx, order: NewOrder): Promise<Order> {
  try {
    const { rows } = await tx.query<OrderRow>(
      `insert into orders (merchant_id, mode, id, reference, amount, currency, description, customer_id, payer, metadata,
         return_url, capture, late_success, expires_at, expiry_due_at, status, created_at, updated_at, mandate_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, 'open', $15, $15, $16)
       returning ${COLUMNS}`,
      [
        tx.tenant.merchantId,
        tx.tenant.mode,
        order.id,
        order.reference,
        order.amount.minor,
        order.amount.currency,
        order.description,
        order.customerId,
        order.payer,
        order.metadata,
        order.returnUrl,
        order.capture,
        order.lateSuccess,
        order.expiresAt,
        tx.now,
        order.mandateId ?? null,
      ],
    )
    return toOrder(rows[0])
  } catch (error) {
    if (violates(error, 'orders_by_reference')) {
      throw new AppError('order_reference_taken', { field: 'reference', reference: order.reference }, { cause: error })
    }
    if (violates(error, 'orders_merchant_id_mode_customer_id_fkey')) {
      throw new AppError('customer_not_found', { field: 'customer_id' }, { cause: error })
    }
    throw error
  }
}

/** Holds the row until the transaction ends. Lock order: order, payment, refund (reliability rule 16). */
export async function lockOrder(tx: Tx, id: OrderId): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toOrder(rows[0])
}

/**
 * Locks the order that a payment belongs to.
 * @throws AppError order_not_found, payment_state_conflict (an offline payment: it has none)
 */
export async function lockOrderOfPayment(tx: Tx, paymentId: PaymentId): Promise<Order> {
  const order = await lockOrderIfAny(tx, paymentId)
  if (order !== undefined) return order
  const { rowCount } = await tx.query('select from payments where merchant_id = $1 and mode = $2 and id = $3', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    paymentId,
  ])
  if (rowCount === 0) throw new AppError('order_not_found')
  throw new AppError('payment_state_conflict', { reason: 'it is an offline payment' })
}

/** Undefined for a payment that has no order, and for one that does not exist. */
export async function lockOrderIfAny(tx: Tx, paymentId: PaymentId): Promise<Order | undefined> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders
      where merchant_id = $1 and mode = $2
        and id = (select order_id from payments where merchant_id = $1 and mode = $2 and id = $3)
        for update`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows[0] === undefined ? undefined : toOrder(rows[0])
}

/** Locks the order that a session is for. @throws AppError session_not_found */
export async function lockOrderOfSession(tx: Tx, sessionId: SessionId): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders
      where merchant_id = $1 and mode = $2
        and id = (select order_id from sessions where merchant_id = $1 and mode = $2 and id = $3)
        for update`,
    [tx.tenant.merchantId, tx.tenant.mode, sessionId],
  )
  if (rows[0] === undefined) throw new AppError('session_not_found')
  return toOrder(rows[0])
}

export async function readOrder(tx: Tx, id: OrderId): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toOrder(rows[0])
}

export async function readOrderByReference(tx: Tx, reference: string): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders where merchant_id = $1 and mode = $2 and lower(reference) = lower($3)`,
    [tx.tenant.merchantId, tx.tenant.mode, reference],
  )
  return toOrder(rows[0])
}

/** Before anyone is known: whose order a payment link names. */
export async function findTenantOfOrder(db: QueueDb, id: OrderId): Promise<Tenant | undefined> {
  const { rows } = await db.query<Tenant>('select merchant_id as "merchantId", mode from orders where id = $1', [id])
  return rows[0]
}

/** Writes everything about a locked order that may change. */
export async function saveOrder(tx: Tx, before: Order, after: Order): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `update orders
        set amount = $5, description = $6, payer = $7, metadata = $8, return_url = $9, expires_at = $10, status = $11,
            paid_late = $12, amount_captured = $13, amount_refunded = $14, terms_version = $15, expired_at = $16,
            canceled_at = $17, paid_at = $18, updated_at = $19, amount_allocated = $20,
            amount_allocated_refunded = $21, version = version + 1,
            expiry_due_at = case when coalesce($16::timestamptz, $17::timestamptz, $18::timestamptz) is not null then null
                                 when expires_at is distinct from $10::timestamptz then $10::timestamptz
                                 else coalesce(expiry_due_at, $10::timestamptz) end
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.amount.minor,
      after.description,
      after.payer,
      after.metadata,
      after.returnUrl,
      after.expiresAt,
      after.status,
      after.paidLate,
      after.amountCaptured.minor,
      after.amountRefunded.minor,
      after.termsVersion,
      after.expiredAt,
      after.canceledAt,
      after.paidAt,
      tx.now,
      after.amountAllocated.minor,
      after.amountAllocatedRefunded.minor,
    ],
  )
  invariant(rows.length === 1, 'The order was locked, so its version cannot have moved.')
  return toOrder(rows[0])
}

/** An attempt is alive: expiry looks again later. */
export async function postponeOrderExpiry(tx: Tx, order: Order, dueAt: Date): Promise<void> {
  await tx.query('update orders set expiry_due_at = $4 where merchant_id = $1 and mode = $2 and id = $3', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    order.id,
    dueAt,
  ])
}

/** Orders of every tenant whose time is over. Not leased: who looks at one locks it and checks again. */
export async function listOrdersDueToExpire(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { tenant: Tenant; id: OrderId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('o', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: OrderId }>(
    `select o.merchant_id, o.mode, o.id from orders o join merchants m on m.id = o.merchant_id
      where o.expiry_due_at <= now() + (select max(clock_offset) from merchants)
        and o.expiry_due_at <= now() + case when o.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by o.expiry_due_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

export type OrderFilter = {
  readonly status: OrderStatus | null
  readonly from: Date | null
  readonly to: Date | null
  /** Ids older than this one. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listOrderRows(tx: Tx, filter: OrderFilter): Promise<readonly Order[]> {
  const { rows } = await tx.query<OrderRow>(
    `select ${COLUMNS} from orders
      where merchant_id = $1 and mode = $2
        and ($3::text is null or status = $3)
        and ($4::timestamptz is null or created_at >= $4)
        and ($5::timestamptz is null or created_at < $5)
        and ($6::text is null or id < $6)
      order by id desc
      limit $7`,
    [tx.tenant.merchantId, tx.tenant.mode, filter.status, filter.from, filter.to, filter.before, filter.limit],
  )
  return rows.map(toOrder)
}

type OrderRow = {
  id: OrderId
  reference: string
  amount: string
  currency: string
  description: string
  customer_id: CustomerId | null
  payer: PayerDetails
  metadata: Record<string, string>
  return_url: string | null
  capture: 'automatic' | 'manual'
  late_success: 'accept' | 'refund'
  status: string
  paid_late: boolean
  amount_captured: string
  amount_refunded: string
  amount_allocated: string
  amount_allocated_refunded: string
  terms_version: number
  version: number
  expires_at: Date | null
  expired_at: Date | null
  canceled_at: Date | null
  paid_at: Date | null
  created_at: Date
  updated_at: Date
  mandate_id: MandateId | null
}

function toOrder(row: OrderRow | undefined): Order {
  if (row === undefined) throw new AppError('order_not_found')
  const { currency } = row
  const status = ORDER_STATUSES.find((known) => known === row.status)
  invariant(isCurrency(currency) && status !== undefined, `Order ${row.id} has a currency and a status we know.`)
  return {
    id: row.id,
    reference: row.reference,
    amount: money(BigInt(row.amount), currency),
    description: row.description,
    customerId: row.customer_id,
    payer: { name: row.payer.name ?? null, email: row.payer.email ?? null, phone: row.payer.phone ?? null },
    metadata: row.metadata,
    returnUrl: row.return_url,
    capture: row.capture,
    mandateId: row.mandate_id,
    lateSuccess: row.late_success,
    status,
    paidLate: row.paid_late,
    amountCaptured: money(BigInt(row.amount_captured), currency),
    amountRefunded: money(BigInt(row.amount_refunded), currency),
    amountAllocated: money(BigInt(row.amount_allocated), currency),
    amountAllocatedRefunded: money(BigInt(row.amount_allocated_refunded), currency),
    termsVersion: row.terms_version,
    version: row.version,
    expiresAt: row.expires_at,
    expiredAt: row.expired_at,
    canceledAt: row.canceled_at,
    paidAt: row.paid_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Never more than `most`, however many there are. */
export async function countOrderRows(tx: Tx, most: number): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count
       from (select 1 from orders where merchant_id = $1 and mode = $2 limit $3) as counted`,
    [tx.tenant.merchantId, tx.tenant.mode, most],
  )
  return rows[0]?.count ?? 0
}
