// The ledger against what it is the sum of. A posting has a debit, a credit and one amount, so each is balanced by its
// shape; what can go wrong is a posting that is missing, surplus, or about other money than the rows say.
import { LEDGER_ACCOUNTS } from '../../domain/ledger/accounts.ts'
import { POSTING_REASONS } from '../../domain/ledger/posting.ts'
import { RESERVING_REFUND_STATUSES } from '../../domain/refund/states.ts'
import type { Check } from './check.ts'

const POSTED = `
  select merchant_id, mode, payment_id,
         coalesce(sum(amount) filter (where reason = 'capture'), 0) as captured,
         coalesce(sum(amount) filter (where reason = 'refund_succeeded'), 0) as refunded,
         coalesce(sum(amount) filter (where credit = 'refunds_pending'), 0)
           - coalesce(sum(amount) filter (where debit = 'refunds_pending'), 0) as pending
    from postings group by merchant_id, mode, payment_id`

export const LEDGER_CHECKS: readonly Check[] = [
  {
    invariant: 'I1',
    claim: 'Debits and credits of all accounts are equal, per currency.',
    sql: `select merchant_id, mode, currency as object, 'off by ' || sum(amount) as what
            from (select merchant_id, mode, currency, amount from postings where debit = any ($1)
                  union all
                  select merchant_id, mode, currency, -amount from postings where credit = any ($1)) sides
           group by merchant_id, mode, currency having sum(amount) <> 0`,
    values: [LEDGER_ACCOUNTS],
  },
  {
    invariant: 'I1',
    claim: 'Every posting moves a positive amount from one known account to another.',
    sql: `select merchant_id, mode, id as object, debit || ' / ' || credit || ' ' || amount as what from postings
           where amount <= 0 or debit = credit or debit <> all ($1) or credit <> all ($1)`,
    values: [LEDGER_ACCOUNTS],
  },
  {
    invariant: 'I1',
    claim: 'A posting touches the accounts that one for its reason touches.',
    sql: `select merchant_id, mode, id as object, reason || ': ' || debit || ' / ' || credit as what from postings
           where (reason, debit, credit) not in (values
                   ('capture', 'gateway_receivable', 'sales_clearing'),
                   ('capture', 'cash', 'sales_clearing'),
                   ('capture', 'cash', 'customer_credit'),
                   ('capture', 'bank', 'customer_credit'),
                   ('capture', 'cheques_in_clearing', 'customer_credit'),
                   ('cheque_cleared', 'bank', 'cheques_in_clearing'),
                   ('reversed', 'customer_credit', 'cash'),
                   ('reversed', 'customer_credit', 'bank'),
                   ('reversed', 'customer_credit', 'cheques_in_clearing'),
                   ('allocated', 'customer_credit', 'sales_clearing'),
                   ('allocation_withdrawn', 'sales_clearing', 'customer_credit'),
                   ('refund_reserved', 'customer_credit', 'refunds_pending'),
                   ('refund_succeeded', 'refunds_pending', 'cash'),
                   ('refund_succeeded', 'refunds_pending', 'bank'),
                   ('refund_released', 'refunds_pending', 'customer_credit'),
                   ('refund_reserved', 'sales_clearing', 'refunds_pending'),
                   ('refund_succeeded', 'refunds_pending', 'gateway_receivable'),
                   ('refund_released', 'refunds_pending', 'sales_clearing'),
                   ('settlement', 'bank', 'gateway_receivable'),
                   ('settlement', 'gateway_receivable', 'bank'),
                   ('settlement_fee', 'fee', 'gateway_receivable'),
                   ('settlement_gst', 'gst_on_fee', 'gateway_receivable'),
                   ('settlement_tds', 'tds', 'gateway_receivable'),
                   ('settlement_refund', 'gateway_receivable', 'bank'),
                   ('dispute_opened', 'sales_clearing', 'dispute_hold'),
                   ('dispute_lost', 'dispute_hold', 'gateway_receivable'),
                   ('dispute_reversed', 'gateway_receivable', 'dispute_hold'),
                   ('dispute_released', 'dispute_hold', 'sales_clearing'),
                   ('settlement_dispute', 'gateway_receivable', 'bank'),
                   ('settlement_dispute_reversal', 'bank', 'gateway_receivable'),
                   ('settlement_dispute_fee', 'dispute_fee', 'gateway_receivable'),
                   ('settlement_dispute_gst', 'gst_on_fee', 'gateway_receivable'))
             and reason = any ($1)`,
    values: [POSTING_REASONS],
  },
  {
    invariant: 'I2',
    claim: 'No posting is of a later version than its payment has, and only one of a refund or a dispute names it.',
    sql: `select g.merchant_id, g.mode, g.id as object, g.reason || ' at version ' || g.payment_version as what
            from postings g join payments p using (merchant_id, mode)
           where p.id = g.payment_id
             and (g.payment_version not between 1 and p.version
                  or (g.reason like '%refund%') <> (g.refund_id is not null)
                  or (g.reason like '%dispute%') <> (g.dispute_id is not null))`,
  },
  {
    invariant: 'I5',
    claim: 'The postings of a payment add up to what is captured, refunded and reserved for refunds.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('row: captured %s, refunded %s, pending %s; ledger: %s, %s, %s', p.amount_captured,
                   p.amount_refunded, p.amount_refund_pending, coalesce(g.captured, 0), coalesce(g.refunded, 0),
                   coalesce(g.pending, 0)) as what
            from payments p left join (${POSTED}) g
              on g.merchant_id = p.merchant_id and g.mode = p.mode and g.payment_id = p.id
           where (p.amount_captured, p.amount_refunded, p.amount_refund_pending)
                 is distinct from (coalesce(g.captured, 0), coalesce(g.refunded, 0), coalesce(g.pending, 0))`,
  },
  {
    invariant: 'I5',
    claim: 'The refunds of a payment add up to what it says is refunded and reserved.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('row: refunded %s, pending %s; refunds: %s, %s', p.amount_refunded, p.amount_refund_pending,
                   coalesce(r.refunded, 0), coalesce(r.pending, 0)) as what
            from payments p left join (
                 select merchant_id, mode, payment_id,
                        sum(amount) filter (where status = 'succeeded') as refunded,
                        sum(amount) filter (where status = any ($1)) as pending
                   from refunds group by merchant_id, mode, payment_id) r
              on r.merchant_id = p.merchant_id and r.mode = p.mode and r.payment_id = p.id
           where (p.amount_refunded, p.amount_refund_pending)
                 is distinct from (coalesce(r.refunded, 0), coalesce(r.pending, 0))`,
    values: [RESERVING_REFUND_STATUSES],
  },
  {
    invariant: 'I5',
    claim: 'The postings of a refund say what its status says.',
    sql: `select r.merchant_id, r.mode, r.id as object,
                 format('%s of %s; ledger: reserved %s, gone %s', r.status, r.amount, coalesce(g.reserved, 0),
                   coalesce(g.gone, 0)) as what
            from refunds r left join (
                 select merchant_id, mode, refund_id,
                        sum(case reason when 'refund_reserved' then amount when 'refund_succeeded' then -amount
                                        when 'refund_released' then -amount else 0 end) as reserved,
                        sum(amount) filter (where reason = 'refund_succeeded') as gone
                   from postings where refund_id is not null group by merchant_id, mode, refund_id) g
              on g.merchant_id = r.merchant_id and g.mode = r.mode and g.refund_id = r.id
           where coalesce(g.gone, 0) <> case r.status when 'succeeded' then r.amount else 0 end
              or coalesce(g.reserved, 0)
                 <> case when r.status = any ($1) then r.amount else 0 end`,
    values: [RESERVING_REFUND_STATUSES],
  },
  {
    invariant: 'I5',
    claim: '0 <= refunded + reserved + disputed <= captured <= authorized <= amount.',
    sql: `select merchant_id, mode, id as object,
                 format('amount %s, authorized %s, captured %s, refunded %s, pending %s, disputed %s', amount,
                   amount_authorized, amount_captured, amount_refunded, amount_refund_pending, amount_disputed) as what
            from payments
           where least(amount_refunded, amount_refund_pending, amount_disputed, amount_captured) < 0
              or amount_refunded + amount_refund_pending + amount_disputed > amount_captured
              or amount_captured > amount_authorized or amount_authorized > amount
              or (amount_captured > 0) <> (status = 'captured')`,
  },
  {
    invariant: 'I6',
    claim: 'Every amount is positive and in a known currency, the one of what it belongs to.',
    sql: `select merchant_id, mode, id as object, amount || ' ' || currency as what from (
            select o.merchant_id, o.mode, o.id, o.amount, o.currency, o.currency as whole from orders o
            union all
            select p.merchant_id, p.mode, p.id, p.amount, p.currency,
                   case when p.order_id is null then p.currency else o.currency end from payments p
              left join orders o on o.merchant_id = p.merchant_id and o.mode = p.mode and o.id = p.order_id
            union all
            select r.merchant_id, r.mode, r.id, r.amount, r.currency, p.currency from refunds r
              left join payments p on p.merchant_id = r.merchant_id and p.mode = r.mode and p.id = r.payment_id
            union all
            select g.merchant_id, g.mode, g.id, g.amount, g.currency, p.currency from postings g
              left join payments p on p.merchant_id = g.merchant_id and p.mode = g.mode and p.id = g.payment_id
             where g.payment_id is not null) money
           where amount <= 0 or whole is distinct from currency
              or not exists (select 1 from currencies c where c.code = money.currency)`,
  },
]
