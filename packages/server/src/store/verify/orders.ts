// Orders with the facts that their status and totals are derived from, a page at a time, for the domain to derive
// again.
import type { AttemptFacts } from '../../domain/order/states.ts'
import { PAYMENT_STATUSES } from '../../domain/payment/states.ts'
import { invariant } from '../../kernel/errors.ts'
import type { VerifyClient } from './snapshot.ts'

export type OrderToVerify = {
  readonly merchantId: string
  readonly mode: string
  readonly id: string
  readonly status: string
  readonly amountMinor: bigint
  readonly capturedMinor: bigint
  readonly allocatedMinor: bigint
  readonly allocatedRefundedMinor: bigint
  readonly refundedMinor: bigint
  readonly expired: boolean
  readonly canceled: boolean
  readonly paid: boolean
  readonly payments: readonly (AttemptFacts & { readonly refundedMinor: bigint })[]
}

type Row = {
  merchant_id: string
  mode: string
  id: string
  status: string
  amount: string
  amount_captured: string
  amount_allocated: string
  amount_allocated_refunded: string
  amount_refunded: string
  expired: boolean
  canceled: boolean
  paid: boolean
  payments: readonly {
    status: string
    captured: string
    refunded: string
    duplicate: boolean
    awaits_cash: boolean
  }[]
}

const PAGE = 2_000

const PAGE_SQL = `
  select o.merchant_id, o.mode, o.id, o.status, o.amount, o.amount_captured, o.amount_refunded,
         o.amount_allocated, o.amount_allocated_refunded,
         o.expired_at is not null as expired, o.canceled_at is not null as canceled, o.paid_at is not null as paid,
         coalesce((select jsonb_agg(jsonb_build_object('status', p.status, 'captured', p.amount_captured::text,
                            'refunded', p.amount_refunded::text, 'duplicate', p.duplicate,
                            'awaits_cash', coalesce(p.action ->> 'type' = 'collect_cash', false)))
                     from payments p
                    where p.merchant_id = o.merchant_id and p.mode = o.mode and p.order_id = o.id), '[]') as payments
    from orders o
   where (o.merchant_id, o.mode, o.id) > ($1, $2, $3)
   order by o.merchant_id, o.mode, o.id limit ${PAGE}`

export async function* readOrdersToVerify(client: VerifyClient): AsyncGenerator<OrderToVerify> {
  let after = ['', '', '']
  for (;;) {
    const { rows } = await client.query<Row>(PAGE_SQL, after)
    for (const row of rows) yield toOrder(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = [last.merchant_id, last.mode, last.id]
  }
}

function toOrder(row: Row): OrderToVerify {
  return {
    merchantId: row.merchant_id,
    mode: row.mode,
    id: row.id,
    status: row.status,
    amountMinor: BigInt(row.amount),
    capturedMinor: BigInt(row.amount_captured),
    allocatedMinor: BigInt(row.amount_allocated),
    allocatedRefundedMinor: BigInt(row.amount_allocated_refunded),
    refundedMinor: BigInt(row.amount_refunded),
    expired: row.expired,
    canceled: row.canceled,
    paid: row.paid,
    payments: row.payments.map((payment) => {
      const status = PAYMENT_STATUSES.find((known) => known === payment.status)
      invariant(status !== undefined, `Order ${row.id} has a payment in a status we know.`)
      return {
        status,
        capturedMinor: BigInt(payment.captured),
        refundedMinor: BigInt(payment.refunded),
        duplicate: payment.duplicate,
        awaitsCash: payment.awaits_cash,
      }
    }),
  }
}
