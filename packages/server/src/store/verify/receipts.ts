// Receipt numbers without a gap, one receipt per payment, none without money.
import type { Check } from './check.ts'

// A number is letter/year/count (domain/receipt/number.ts); the series says the year in full.
const NUMBERED = `
  select merchant_id, mode, kind, number, payment_id, split_part(number, '/', 2) as year,
         split_part(number, '/', 3)::bigint as count
    from receipts`

export const RECEIPT_CHECKS: readonly Check[] = [
  {
    invariant: 'receipts',
    claim: 'Each series of receipts counts from one to its last number without a gap.',
    sql: `with numbered as (${NUMBERED})
          select s.merchant_id, s.mode, s.kind || ' ' || s.financial_year as object,
                 format('%s numbers from %s to %s; the series says %s', count(n.number), min(n.count), max(n.count),
                   s.last_number) as what
            from receipt_series s left join numbered n
              on n.merchant_id = s.merchant_id and n.mode = s.mode and n.kind = s.kind
             and n.year = substr(s.financial_year, 3)
           group by s.merchant_id, s.mode, s.kind, s.financial_year, s.last_number
          having count(n.number) <> s.last_number or coalesce(max(n.count), 0) <> s.last_number
              or count(distinct n.count) <> s.last_number`,
  },
  {
    invariant: 'receipts',
    claim: 'Every receipt is of a series and of a payment that was captured.',
    sql: `with numbered as (${NUMBERED})
          select n.merchant_id, n.mode, n.number as object, 'of ' || n.payment_id as what
            from numbered n left join payments p
              on p.merchant_id = n.merchant_id and p.mode = n.mode and p.id = n.payment_id
           where p.amount_captured is null or p.amount_captured = 0
              or not exists (select 1 from receipt_series s
                  where s.merchant_id = n.merchant_id and s.mode = n.mode and s.kind = n.kind
                    and substr(s.financial_year, 3) = n.year and s.last_number >= n.count)`,
  },
]
