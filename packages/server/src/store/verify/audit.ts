// The audit's chain from its beginning to its head: every link hashes the row that it holds and the link before, none
// is missing, and what is not linked yet is fresh.
import { linkHashSql } from '../audit-chain.ts'
import type { Check } from './check.ts'

export const AUDIT_CHECKS: readonly Check[] = [
  {
    invariant: 'I22',
    claim: 'Every link of the audit hashes its row and the link before it.',
    sql: `select l.merchant_id, l.mode, l.audit_id as object, 'link ' || l.position || ' does not fit' as what
            from (select c.*, lag(hash, 1, sha256('')) over chain as before, row_number() over chain as place
                    from audit_links c window chain as (partition by merchant_id, mode order by position)) l
            left join audit a on a.merchant_id = l.merchant_id and a.mode = l.mode and a.id = l.audit_id
           where l.previous <> l.before or l.position <> l.place or a.id is null
              or l.hash <> ${linkHashSql('a', 'l.previous')}`,
  },
  {
    invariant: 'I22',
    claim: 'The chain ends with its head.',
    sql: `select h.merchant_id, h.mode, h.merchant_id as object, 'the head is at ' || h.position as what
            from audit_heads h left join audit_links l
              on l.merchant_id = h.merchant_id and l.mode = h.mode and l.position = h.position
           where (h.position > 0 and l.hash is distinct from h.hash) or exists (
                 select 1 from audit_links x
                  where x.merchant_id = h.merchant_id and x.mode = h.mode and x.position > h.position)`,
  },
  {
    invariant: 'I22',
    claim: 'What is not linked yet is less than a minute old, and waits to be linked.',
    sql: `select a.merchant_id, a.mode, a.id as object,
                 case when u.audit_id is null then 'nobody links it' else 'unlinked since ' || a.at end as what
            from audit a
            left join audit_unlinked u on u.merchant_id = a.merchant_id and u.mode = a.mode and u.audit_id = a.id
           where not exists (select 1 from audit_links l
                  where l.merchant_id = a.merchant_id and l.mode = a.mode and l.audit_id = a.id)
             and (u.audit_id is null or u.at < now() - interval '60 seconds')`,
  },
]
