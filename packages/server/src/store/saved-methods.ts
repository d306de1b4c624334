// Saved methods at rest. Every look-up names the customer, so that another customer's answers like one that never was.
import type { SavedMethod, SavedMethodFacts } from '../domain/customer/saved-method.ts'
import type { CustomerId, SavedMethodId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

const COLUMNS = `s.id, s.customer_id as "customerId", s.gateway_account_id as "gatewayAccountId",
  s.gateway_method_id as "gatewayMethodId", s.kind, s.network, s.funding, s.issuer, s.bin, s.last_four as "lastFour",
  case when s.expiry_year is not null
       then json_build_object('month', s.expiry_month, 'year', s.expiry_year) end as expiry,
  s.vpa_masked as "vpaMasked", s.wallet, s.payment_id as "paymentId", s.created_at as "createdAt",
  s.last_used_at as "lastUsedAt"`

export type NewSavedMethod = SavedMethodFacts &
  Pick<SavedMethod, 'id' | 'customerId' | 'gatewayAccountId' | 'gatewayMethodId' | 'paymentId'> & {
    /** What the customer deleted after this is not kept again by late news. */
    readonly consentedAt: Date
  }

/** False where it is there already, was kept with this payment before, or was deleted since the consent. */
export async function insertSavedMethod(tx: Tx, made: NewSavedMethod): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into saved_methods (merchant_id, mode, id, customer_id, gateway_account_id, gateway_method_id, kind, network,
       funding, issuer, bin, last_four, expiry_month, expiry_year, vpa_masked, wallet, payment_id, created_at,
       last_used_at)
     select $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8, $9, $10, $11, $12::text, $13, $14,
       $15::text, $16::text, $17::text, $18::timestamptz, $19::timestamptz
      where not exists (
        select from saved_methods
         where merchant_id = $1 and mode = $2 and customer_id = $4 and gateway_account_id = $5 and deleted_at >= $19
           and kind = $7 and (last_four, vpa_masked, wallet) is not distinct from ($12::text, $15::text, $16::text))
     on conflict do nothing`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      made.id,
      made.customerId,
      made.gatewayAccountId,
      made.gatewayMethodId,
      made.kind,
      made.network,
      made.funding,
      made.issuer,
      made.bin,
      made.lastFour,
      made.expiry?.month ?? null,
      made.expiry?.year ?? null,
      made.vpaMasked,
      made.wallet,
      made.paymentId,
      tx.now,
      made.consentedAt,
    ],
  )
  return rowCount === 1
}

/** Those of active gateway accounts, the last used first. A person keeps few; more than fifty are not shown. */
export async function listSavedMethodsOf(tx: Tx, customerId: CustomerId): Promise<readonly SavedMethod[]> {
  const { rows } = await tx.query<SavedMethod>(
    `select ${COLUMNS} from saved_methods s
       join gateway_accounts a on (a.merchant_id, a.mode, a.id) = (s.merchant_id, s.mode, s.gateway_account_id)
      where s.merchant_id = $1 and s.mode = $2 and s.customer_id = $3 and s.deleted_at is null and a.status = 'active'
      order by s.last_used_at desc, s.id desc limit 50`,
    [tx.tenant.merchantId, tx.tenant.mode, customerId],
  )
  return rows
}

export async function findSavedMethod(
  tx: Tx,
  customerId: CustomerId,
  id: SavedMethodId,
): Promise<SavedMethod | undefined> {
  const { rows } = await tx.query<SavedMethod>(
    `select ${COLUMNS} from saved_methods s
      where s.merchant_id = $1 and s.mode = $2 and s.id = $3 and s.customer_id = $4 and s.deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, customerId],
  )
  return rows[0]
}

/**
 * Whose it was; undefined where there is none of this id.
 * @param customerId null: any customer's
 */
export async function forgetSavedMethod(
  tx: Tx,
  customerId: CustomerId | null,
  id: SavedMethodId,
): Promise<CustomerId | undefined> {
  const { rows } = await tx.query<{ customer_id: CustomerId }>(
    `update saved_methods set deleted_at = $5, gateway_method_id = null
      where merchant_id = $1 and mode = $2 and id = $3 and customer_id = coalesce($4, customer_id) and deleted_at is null
      returning customer_id`,
    [tx.tenant.merchantId, tx.tenant.mode, id, customerId, tx.now],
  )
  return rows[0]?.customer_id
}

/** The time of the youngest payment that succeeded with it; an older one told late changes nothing. */
export async function noteUseOfSavedMethod(
  tx: Tx,
  id: SavedMethodId,
  payment: { readonly createdAt: Date },
): Promise<void> {
  await tx.query(
    `update saved_methods set last_used_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and last_used_at < $4 and deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, payment.createdAt],
  )
}
