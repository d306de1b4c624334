// Messages from gateways, stored as they came before they are acknowledged. Duplicates are known by (account, event id)
// for ever. Due ones are claimed by the queue role and applied as the tenant.
import type { GatewayAccountId, MerchantId, Mode, NotificationId, Tenant } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

export type StoredNotification = {
  readonly id: NotificationId
  readonly gatewayAccountId: GatewayAccountId
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly tries: number
}

/** False when this event of this account was stored before. */
export async function insertNotification(
  tx: Tx,
  notification: {
    id: NotificationId
    gatewayAccountId: GatewayAccountId
    gatewayEventId: string
    headers: Readonly<Record<string, string>>
    body: Buffer
    readable: boolean
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into notifications (merchant_id, mode, id, gateway_account_id, gateway_event_id, headers, body, status, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (merchant_id, mode, gateway_account_id, gateway_event_id) do nothing`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      notification.id,
      notification.gatewayAccountId,
      notification.gatewayEventId,
      notification.headers,
      notification.body,
      notification.readable ? 'received' : 'unreadable',
      notification.readable ? tx.now : null,
    ],
  )
  return rowCount === 1
}

export type ClaimedNotification = { readonly tenant: Tenant; readonly id: NotificationId }

export async function leaseDueNotifications(
  db: QueueDb,
  options: { leaseToken: string; leaseSeconds: number; limit: number; only?: Tenant | undefined },
): Promise<readonly ClaimedNotification[]> {
  const values: unknown[] = [options.leaseToken, options.leaseSeconds, options.limit]
  const which = conditionsSql(values, ofTenant('n', options.only))
  const { rows } = await db.query<{ merchant_id: MerchantId; mode: Mode; id: NotificationId }>(
    `with due as (
       select n.merchant_id, n.mode, n.id
         from notifications n join merchants m on m.id = n.merchant_id
        where n.due_at <= now() + (select max(clock_offset) from merchants)
          and n.due_at <= now() + case when n.mode = 'test' then m.clock_offset else interval '0' end
          and (n.leased_until is null or n.leased_until <= now())${which}
        order by n.due_at
        limit $3
          for update of n skip locked
     )
     update notifications n
        set leased_until = now() + $2 * interval '1 second', lease_token = $1, tries = tries + 1
       from due
      where n.merchant_id = due.merchant_id and n.mode = due.mode and n.id = due.id
     returning n.merchant_id, n.mode, n.id`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

/** Locks the row; undefined when the lease is no longer ours. */
export async function lockLeasedNotification(
  tx: Tx,
  id: NotificationId,
  leaseToken: string,
): Promise<StoredNotification | undefined> {
  const { rows } = await tx.query<StoredNotification>(
    `select id, gateway_account_id as "gatewayAccountId", headers, body, tries
       from notifications where merchant_id = $1 and mode = $2 and id = $3 and lease_token = $4 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id, leaseToken],
  )
  return rows[0]
}

export async function endNotification(
  tx: Tx,
  id: NotificationId,
  status: 'applied' | 'conflict' | 'unreadable',
): Promise<void> {
  tx.write(
    `update notifications set status = $4, applied_at = $5, due_at = null, leased_until = null, lease_token = null
      where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id, status, tx.now],
  )
}

/** What it names is not known yet: kept, and tried again. */
export async function parkNotification(tx: Tx, id: NotificationId, dueAt: Date): Promise<void> {
  tx.write(
    `update notifications set status = 'parked', due_at = $4, leased_until = null, lease_token = null
      where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id, dueAt],
  )
}
