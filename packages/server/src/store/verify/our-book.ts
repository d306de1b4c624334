// Our side of the comparison with a gateway's own book: every payment of one gateway account with its refunds.
import type { VerifyClient } from './snapshot.ts'

export type OurPayment = {
  readonly id: string
  readonly reference: string
  readonly gatewayPaymentId: string | null
  readonly status: string
  readonly currency: string
  readonly amountMinor: bigint
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  /** A call about it has no outcome yet, so the books may differ. */
  readonly isOpen: boolean
  readonly hasConflict: boolean
  readonly refunds: readonly OurRefund[]
  readonly disputes: readonly OurDispute[]
}

export type OurDispute = {
  readonly id: string
  readonly gatewayDisputeId: string
  readonly status: string
  readonly amountMinor: bigint
}

export type OurRefund = {
  readonly id: string
  readonly reference: string
  readonly gatewayRefundId: string | null
  readonly status: string
  readonly amountMinor: bigint
}

export type OurAccount = { readonly merchantId: string; readonly mode: string }

export async function findAccountOwner(client: VerifyClient, accountId: string): Promise<OurAccount | undefined> {
  const { rows } = await client.query<OurAccount>(
    'select merchant_id as "merchantId", mode from gateway_accounts where id = $1',
    [accountId],
  )
  return rows[0]
}

type Row = {
  id: string
  reference: string
  gateway_payment_id: string | null
  status: string
  currency: string
  amount: string
  amount_captured: string
  amount_refunded: string
  is_open: boolean
  has_conflict: boolean
  refunds: readonly {
    id: string
    reference: string
    gateway_refund_id: string | null
    status: string
    amount: string
  }[]
  disputes: readonly { id: string; gateway_dispute_id: string; status: string; amount: string }[]
}

const PAGE = 2_000

const PAGE_SQL = `
  select p.id, p.reference, p.gateway_payment_id, p.status, p.currency, p.amount, p.amount_captured, p.amount_refunded,
         exists (select 1 from operations o where o.merchant_id = p.merchant_id and o.mode = p.mode
                    and o.payment_id = p.id and o.ended_at is null) as is_open,
         exists (select 1 from conflicts c where c.merchant_id = p.merchant_id and c.mode = p.mode
                    and c.payment_id = p.id and c.resolved_at is null) as has_conflict,
         coalesce((select jsonb_agg(jsonb_build_object('id', r.id, 'reference', r.reference,
                            'gateway_refund_id', r.gateway_refund_id, 'status', r.status, 'amount', r.amount::text))
                     from refunds r
                    where r.merchant_id = p.merchant_id and r.mode = p.mode and r.payment_id = p.id), '[]') as refunds,
         coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'gateway_dispute_id', d.gateway_dispute_id,
                            'status', d.status, 'amount', d.amount::text))
                     from disputes d
                    where d.merchant_id = p.merchant_id and d.mode = p.mode and d.payment_id = p.id), '[]') as disputes
    from payments p
   where p.merchant_id = $1 and p.mode = $2 and p.gateway_account_id = $3 and p.id > $4
   order by p.id limit ${PAGE}`

export async function* readOurPayments(
  client: VerifyClient,
  owner: OurAccount,
  accountId: string,
): AsyncGenerator<OurPayment> {
  let after = ''
  for (;;) {
    const { rows } = await client.query<Row>(PAGE_SQL, [owner.merchantId, owner.mode, accountId, after])
    for (const row of rows) yield toPayment(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.id
  }
}

function toPayment(row: Row): OurPayment {
  return {
    id: row.id,
    reference: row.reference,
    gatewayPaymentId: row.gateway_payment_id,
    status: row.status,
    currency: row.currency,
    amountMinor: BigInt(row.amount),
    capturedMinor: BigInt(row.amount_captured),
    refundedMinor: BigInt(row.amount_refunded),
    isOpen: row.is_open,
    hasConflict: row.has_conflict,
    refunds: row.refunds.map((refund) => ({
      id: refund.id,
      reference: refund.reference,
      gatewayRefundId: refund.gateway_refund_id,
      status: refund.status,
      amountMinor: BigInt(refund.amount),
    })),
    disputes: row.disputes.map((dispute) => ({
      id: dispute.id,
      gatewayDisputeId: dispute.gateway_dispute_id,
      status: dispute.status,
      amountMinor: BigInt(dispute.amount),
    })),
  }
}
