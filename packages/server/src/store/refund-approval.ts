// From which amount on a refund needs a second person, per currency.
import { isCurrency } from '../kernel/currencies.ts'
import { invariant } from '../kernel/errors.ts'
import { money } from '../kernel/money.ts'
import type { Currency, Money } from '../kernel/money.ts'
import type { Tx } from './db.ts'

export type RefundApprovalThreshold = {
  readonly amount: Money
  readonly updatedBy: string
  readonly updatedAt: Date
}

/** Whether a refund of this amount is beyond the threshold. None is set: nothing is. */
export async function needsSecondPerson(tx: Tx, amount: Money): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from refund_approval_thresholds
      where merchant_id = $1 and mode = $2 and currency = $3 and amount < $4`,
    [tx.tenant.merchantId, tx.tenant.mode, amount.currency, amount.minor],
  )
  return rowCount === 1
}

export async function listRefundApprovalThresholds(tx: Tx): Promise<readonly RefundApprovalThreshold[]> {
  const { rows } = await tx.query<ThresholdRow>(
    `select currency, amount, updated_by, updated_at from refund_approval_thresholds
      where merchant_id = $1 and mode = $2 order by currency`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows.map(toThreshold)
}

export async function saveRefundApprovalThreshold(tx: Tx, amount: Money, by: string): Promise<RefundApprovalThreshold> {
  const { rows } = await tx.query<ThresholdRow>(
    `insert into refund_approval_thresholds (merchant_id, mode, currency, amount, updated_by, updated_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (merchant_id, mode, currency)
       do update set amount = excluded.amount, updated_by = excluded.updated_by, updated_at = excluded.updated_at
     returning currency, amount, updated_by, updated_at`,
    [tx.tenant.merchantId, tx.tenant.mode, amount.currency, amount.minor, by, tx.now],
  )
  return toThreshold(rows[0])
}

/** Removing one that is not there changes nothing. */
export async function deleteRefundApprovalThreshold(tx: Tx, currency: Currency): Promise<void> {
  await tx.query('delete from refund_approval_thresholds where merchant_id = $1 and mode = $2 and currency = $3', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    currency,
  ])
}

type ThresholdRow = {
  readonly currency: string
  readonly amount: string
  readonly updated_by: string
  readonly updated_at: Date
}

function toThreshold(row: ThresholdRow | undefined): RefundApprovalThreshold {
  invariant(row !== undefined && isCurrency(row.currency), 'A threshold has a currency we know.')
  const { amount, currency, updated_by: updatedBy, updated_at: updatedAt } = row
  return { amount: money(BigInt(amount), currency), updatedBy, updatedAt }
}
