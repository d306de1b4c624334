// What gateways paid out: the parts of every line and of every file add up, what was posted is what the line says, and
// what does not fit is a break, never nothing.
import type { Check } from './check.ts'

export const SETTLEMENT_CHECKS: readonly Check[] = [
  {
    invariant: 'I8',
    claim: 'The parts of a settled line add up to what it pays.',
    sql: `select merchant_id, mode, id as object, format('%s of %s pays %s', kind, gross, net) as what
            from settlement_lines
           where outcome = 'matched'
             and net <> case when kind in ('capture', 'dispute_reversal') then gross else -gross end - fee - gst - tds`,
  },
  {
    invariant: 'I8',
    claim: 'A settlement pays what its lines add up to, and has all of them.',
    sql: `select s.merchant_id, s.mode, s.id as object,
                 format('%s lines and %s; has %s and %s', s.lines, s.net, count(l.id), coalesce(sum(l.net), 0)) as what
            from settlements s left join settlement_lines l
              on l.merchant_id = s.merchant_id and l.mode = s.mode and l.settlement_id = s.id
           where s.status = 'imported'
           group by s.merchant_id, s.mode, s.id, s.lines, s.net
          having count(l.id) <> s.lines or coalesce(sum(l.net), 0) <> s.net`,
  },
  {
    invariant: 'I8',
    claim: 'What was posted for a line is what the line says, and nothing was posted for a broken one.',
    sql: `select l.merchant_id, l.mode, l.id as object,
                 format('%s, pays %s; posted %s of %s', l.outcome, l.net, g.bank, g.receivable) as what
            from settlement_lines l cross join lateral (
                 select coalesce(sum(case when debit = 'bank' then amount when credit = 'bank' then -amount end), 0)
                          as bank,
                        coalesce(sum(case when credit = 'gateway_receivable' then amount
                                          when debit = 'gateway_receivable' then -amount end), 0) as receivable
                   from postings p where p.merchant_id = l.merchant_id and p.mode = l.mode
                    and p.settlement_line_id = l.id) g
           where g.bank <> case l.outcome when 'matched' then l.net else 0 end
              or g.receivable <> case when l.outcome = 'broken' then 0
                                      when l.kind in ('capture', 'dispute_reversal') then l.gross
                                      else -l.gross end`,
  },
  {
    invariant: 'I5',
    claim: 'No more is settled of a payment than was captured and refunded.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('settled %s of %s, %s of %s back', sum(l.gross) filter (where l.kind = 'capture'),
                   p.amount_captured, sum(l.gross) filter (where l.kind = 'refund'), p.amount_refunded) as what
            from payments p join settlement_lines l
              on l.merchant_id = p.merchant_id and l.mode = p.mode and l.payment_id = p.id
           where l.outcome = 'matched'
           group by p.merchant_id, p.mode, p.id, p.amount_captured, p.amount_refunded
          having coalesce(sum(l.gross) filter (where l.kind = 'capture'), 0) > p.amount_captured
              or coalesce(sum(l.gross) filter (where l.kind = 'refund'), 0) > p.amount_refunded`,
  },
  {
    invariant: 'I7',
    claim: 'Every line that does not fit, and every file that the bank did not credit as it says, is a break.',
    sql: `select l.merchant_id, l.mode, l.id as object, 'broken, and no break says why' as what from settlement_lines l
           where l.outcome = 'broken' and not exists (
                 select 1 from breaks b where b.merchant_id = l.merchant_id and b.mode = l.mode
                    and b.settlement_line_id = l.id)
          union all
          select s.merchant_id, s.mode, s.id,
                 format('pays %s, the bank says %s, and no break says why', s.net, s.bank_amount)
            from settlements s
           where s.status = 'imported' and s.bank_amount is distinct from s.net and not exists (
                 select 1 from breaks b where b.merchant_id = s.merchant_id and b.mode = s.mode
                    and b.settlement_id = s.id)`,
  },
]
