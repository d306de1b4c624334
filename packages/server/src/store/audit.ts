// Who changed what, written in the transaction of the change, and linked into a chain a moment later (audit-chain.ts).
// Rows are only ever added; `at` is real time, whatever the
// merchant's test clock says.
import { AuditId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

export type AuditEntry = {
  /** As `actorName` says it: `key:test_…`, `job:deliver-webhooks`. */
  readonly actor: string
  /** Noun and past participle: `webhook_endpoint.created`. */
  readonly action: string
  readonly objectId: string
  readonly requestId: string | null
  /** Never a secret, a token or a card number: this is kept for ever and shown. */
  readonly details: Readonly<Record<string, unknown>>
}

export async function insertAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  tx.write(
    `with entry as (
       insert into audit (merchant_id, mode, id, actor, action, object_id, request_id, details)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
     )
     insert into audit_unlinked (merchant_id, mode, audit_id) values ($1, $2, $3)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      AuditId.create(tx.now),
      entry.actor,
      entry.action,
      entry.objectId,
      entry.requestId,
      JSON.stringify(entry.details),
    ],
  )
}
