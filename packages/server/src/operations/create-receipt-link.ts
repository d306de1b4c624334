// Makes a public link to one receipt. Its token is shown once, here, and stored as a hash; it grants reading this one
// receipt until it runs out. The audit says that a link was made and for what, never the token.
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import type { ReceiptId } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertAudit } from '../store/audit.ts'
import { insertCredential } from '../store/credentials.ts'
import { readReceiptRow } from '../store/receipts.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'

export const RECEIPT_LINK_SECONDS = { shortest: 60, longest: 90 * 24 * 60 * 60 } as const

export type CreateReceiptLinkCommand = {
  readonly receiptId: ReceiptId
  /** 60 to 7,776,000 (90 days). */
  readonly expiresInSeconds: number
}

export type ReceiptLink = { readonly url: string; readonly expiresAt: Date }

/** @throws AppError receipt_not_found, field_invalid */
export async function createReceiptLink(
  deps: Deps,
  actor: Actor,
  command: CreateReceiptLinkCommand,
): Promise<ReceiptLink> {
  const { shortest, longest } = RECEIPT_LINK_SECONDS
  const seconds = command.expiresInSeconds
  if (!Number.isSafeInteger(seconds) || seconds < shortest || seconds > longest) {
    throw new AppError('field_invalid', { field: 'expires_in_seconds', minimum: shortest, maximum: longest })
  }
  const token = createToken(`rl_${actor.tenant.mode}_`)
  const expiresAt = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const receipt = await readReceiptRow(tx, command.receiptId)
    const expiresAt = addMs(tx.now, seconds * 1_000)
    const hash = hashToken(token)
    await insertCredential(tx, { hash, kind: 'receipt_link', subjectId: receipt.id, scopes: [], expiresAt })
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'receipt_link.created',
      objectId: receipt.id,
      requestId: actor.requestId,
      details: { number: receipt.number, expires_at: expiresAt.toISOString() },
    })
    return expiresAt
  })
  return { url: `${deps.publicUrl()}/receipts/${token}`, expiresAt }
}
