// Money on account and what it was applied to: every sum that a row carries, added up again from the rows beneath it.
import { ENDED_OFFLINE_STATUSES } from '../../domain/offline/states.ts'
import { OFFLINE_METHODS } from '../../domain/payment/method.ts'
import type { Check } from './check.ts'

const SUMS = `
  select merchant_id, mode, order_id, invoice_id,
         sum(amount) filter (where reason <> 'refunded') as applied,
         -sum(amount) filter (where reason = 'refunded') as refunded
    from allocations group by merchant_id, mode, order_id, invoice_id`

export const ALLOCATION_CHECKS: readonly Check[] = [
  {
    invariant: 'I5',
    claim: 'What a payment says it has applied is the sum of its allocations, and no more than it has.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('says %s of %s, its allocations %s', p.amount_allocated,
                   p.amount_captured - p.amount_refunded - p.amount_reversed, coalesce(a.total, 0)) as what
            from payments p left join (
                 select merchant_id, mode, payment_id, sum(amount) as total from allocations
                  group by merchant_id, mode, payment_id) a
              on a.merchant_id = p.merchant_id and a.mode = p.mode and a.payment_id = p.id
           where p.amount_allocated <> coalesce(a.total, 0)
              or p.amount_allocated not between 0 and p.amount_captured - p.amount_refunded - p.amount_reversed`,
  },
  {
    invariant: 'I5',
    claim: 'What an order or an invoice says was applied to it is the sum of its allocations, and no more than is due.',
    sql: `with sums as (${SUMS})
          select x.merchant_id, x.mode, x.id as object,
                 format('says %s and %s of %s, its allocations %s and %s', x.amount_allocated,
                   x.amount_allocated_refunded, x.amount, coalesce(s.applied, 0), coalesce(s.refunded, 0)) as what
            from (select merchant_id, mode, id, amount, amount_allocated, amount_allocated_refunded, true as is_order
                    from orders
                  union all
                  select merchant_id, mode, id, amount, amount_allocated, amount_allocated_refunded, false
                    from invoices) x
            left join sums s on s.merchant_id = x.merchant_id and s.mode = x.mode
                 and case when x.is_order then s.order_id else s.invoice_id end = x.id
           where (x.amount_allocated, x.amount_allocated_refunded)
                 is distinct from (coalesce(s.applied, 0), coalesce(s.refunded, 0))
              or x.amount_allocated not between 0 and x.amount
              or x.amount_allocated_refunded not between 0 and x.amount_allocated`,
  },
  {
    invariant: 'I5',
    claim: 'An allocation is taken back by rows of its own payment and target, never by more than it was.',
    sql: `select a.merchant_id, a.mode, a.id as object,
                 format('%s of %s, taken back %s', a.reason, a.amount, coalesce(sum(c.amount), 0)) as what
            from allocations a left join allocations c
              on c.merchant_id = a.merchant_id and c.mode = a.mode and c.corrects = a.id
           group by a.merchant_id, a.mode, a.id, a.reason, a.amount, a.payment_id, a.order_id, a.invoice_id
          having (a.reason = 'applied') <> (a.amount > 0)
              or (a.reason = 'applied' and a.amount + coalesce(sum(c.amount), 0) < 0)
              or (a.reason <> 'applied' and count(c.id) > 0)
              or bool_or((c.payment_id, c.order_id, c.invoice_id)
                   is distinct from (a.payment_id, a.order_id, a.invoice_id)) filter (where c.id is not null)`,
  },
  {
    invariant: 'I9',
    claim: 'Money on account has its record, and is reversed exactly when that says so.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('%s, reversed %s of %s, recorded %s', p.method, p.amount_reversed, p.amount_captured,
                   coalesce(f.status, 'nowhere')) as what
            from payments p left join offline_payments f
              on f.merchant_id = p.merchant_id and f.mode = p.mode and f.payment_id = p.id
           where (p.method = any ($1)) <> (f.payment_id is not null)
              or (p.method = any ($1)) <> (p.order_id is null)
              or p.method <> f.method or p.currency <> f.currency
              or p.amount_reversed <> case when f.status = any ($2) then p.amount_captured else 0 end`,
    values: [OFFLINE_METHODS, ENDED_OFFLINE_STATUSES],
  },
  {
    invariant: 'I5',
    claim: 'The ledger owes a customer what is left of the payment, and holds a cheque until its bank has spoken.',
    sql: `with kept as (
            select merchant_id, mode, payment_id,
                   coalesce(sum(amount) filter (where credit = 'customer_credit'), 0)
                     - coalesce(sum(amount) filter (where debit = 'customer_credit'), 0) as owed,
                   coalesce(sum(amount) filter (where debit = 'cheques_in_clearing'), 0)
                     - coalesce(sum(amount) filter (where credit = 'cheques_in_clearing'), 0) as clearing
              from postings group by merchant_id, mode, payment_id)
          select p.merchant_id, p.mode, p.id as object,
                 format('owed %s, in clearing %s; %s of %s', coalesce(k.owed, 0), coalesce(k.clearing, 0), f.status,
                   p.amount_captured) as what
            from payments p
            left join offline_payments f on f.merchant_id = p.merchant_id and f.mode = p.mode and f.payment_id = p.id
            left join kept k on k.merchant_id = p.merchant_id and k.mode = p.mode and k.payment_id = p.id
           where coalesce(k.owed, 0) <> case when f.payment_id is null then 0 else p.amount_captured - p.amount_refunded
                   - p.amount_refund_pending - p.amount_allocated - p.amount_reversed end
              or coalesce(k.clearing, 0) <> case f.status when 'recorded' then p.amount_captured else 0 end`,
  },
]
