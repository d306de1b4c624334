// Sessions at rest. Their client tokens are credentials (store/credentials.ts).
import { PAYMENT_METHODS } from '../domain/payment/method.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { Session } from '../domain/session/session.ts'
import { SESSION_STATUSES } from '../domain/session/states.ts'
import type { SessionStatus } from '../domain/session/states.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { CustomerId, OrderId, SessionId, Tenant } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `id, order_id, customer_id, order_terms_version, status, version, methods, return_url, frame_origins,
  expires_at, created_at`

export async function insertSession(
  tx: Tx,
  session: Pick<
    Session,
    'id' | 'orderId' | 'customerId' | 'orderTermsVersion' | 'methods' | 'returnUrl' | 'frameOrigins' | 'expiresAt'
  >,
): Promise<Session> {
  const { rows } = await tx.query<SessionRow>(
    `insert into sessions (merchant_id, mode, id, order_id, order_terms_version, status, methods, return_url,
       frame_origins, expires_at, created_at, customer_id)
     values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      session.id,
      session.orderId,
      session.orderTermsVersion,
      session.methods,
      session.returnUrl,
      session.frameOrigins,
      session.expiresAt,
      tx.now,
      session.customerId,
    ],
  )
  return toSession(rows[0])
}

export async function readSessionRow(tx: Tx, id: SessionId): Promise<Session> {
  const { rows } = await tx.query<SessionRow>(
    `select ${COLUMNS} from sessions where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toSession(rows[0])
}

export async function lockSession(tx: Tx, id: SessionId): Promise<Session> {
  const { rows } = await tx.query<SessionRow>(
    `select ${COLUMNS} from sessions where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toSession(rows[0])
}

export async function saveSessionStatus(tx: Tx, session: Session, status: SessionStatus): Promise<void> {
  const { rowCount } = await tx.query(
    `update sessions set status = $5, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4`,
    [tx.tenant.merchantId, tx.tenant.mode, session.id, session.version, status],
  )
  invariant(rowCount === 1, 'The session was locked, so its version cannot have moved.')
}

/** Ends every session of an order that could still start something. */
export async function closeSessionsOfOrder(tx: Tx, orderId: OrderId): Promise<void> {
  tx.write(
    `update sessions set status = 'closed', version = version + 1
      where merchant_id = $1 and mode = $2 and order_id = $3 and status in ('open', 'claimed')`,
    [tx.tenant.merchantId, tx.tenant.mode, orderId],
  )
}

/** Sessions of every tenant whose time is over. Not leased: who looks at one locks it and checks again. */
export async function listSessionsDueToExpire(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { tenant: Tenant; id: SessionId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('s', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: SessionId }>(
    `select s.merchant_id, s.mode, s.id from sessions s join merchants m on m.id = s.merchant_id
      where s.status in ('open', 'claimed')
        and s.expires_at <= now() + (select max(clock_offset) from merchants)
        and s.expires_at <= now() + case when s.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by s.expires_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

type SessionRow = {
  id: SessionId
  order_id: OrderId
  customer_id: CustomerId | null
  order_terms_version: number
  status: string
  version: number
  methods: string[]
  return_url: string | null
  frame_origins: string[]
  expires_at: Date
  created_at: Date
}

function toSession(row: SessionRow | undefined): Session {
  if (row === undefined) throw new AppError('session_not_found')
  const status = SESSION_STATUSES.find((known) => known === row.status)
  invariant(status !== undefined, `Session ${row.id} has a status we know.`)
  return {
    id: row.id,
    orderId: row.order_id,
    customerId: row.customer_id,
    orderTermsVersion: row.order_terms_version,
    status,
    version: row.version,
    methods: row.methods.filter((method): method is PaymentMethod =>
      (PAYMENT_METHODS as readonly string[]).includes(method),
    ),
    returnUrl: row.return_url,
    frameOrigins: row.frame_origins,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}
