// Makes a public link to one receipt. Its token is shown once, here, and stored as a hash; it grants reading this one
// receipt until it runs out. The audit says that a link was made and for what, never the token.
import type { Receipt } from '../domain/receipt/receipt.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { ReceiptId } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertAudit } from '../store/audit.ts'
import { insertCredential, readNewestExpiry } from '../store/credentials.ts'
import type { Tx } from '../store/db.ts'
import { readReceiptRow } from '../store/receipts.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

export const RECEIPT_LINK_SECONDS = { shortest: 60, longest: 90 * 24 * 60 * 60 } as const

export type CreateReceiptLinkCommand = {
  readonly receiptId: ReceiptId
  /** 60 to 7,776,000 (90 days). */
  readonly expiresInSeconds: number
  readonly idempotency?: Idempotency
}

export type ReceiptLink = { readonly receiptId: ReceiptId; readonly url: string; readonly expiresAt: Date }

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
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const receipt = await readReceiptRow(tx, command.receiptId)
    await command.idempotency?.claim(tx, receipt.id)
    return link(deps, tx, actor, receipt, addMs(tx.now, seconds * 1_000))
  })
}

/**
 * After a crash between the link and its answer: another link that runs out when the first one does, because nobody has
 * seen the first one and it cannot be read back.
 * @throws AppError receipt_not_found
 */
export function resumeReceiptLink(deps: Deps, actor: Actor, receiptId: ReceiptId): Promise<ReceiptLink> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const receipt = await readReceiptRow(tx, receiptId)
    const expiresAt = await readNewestExpiry(tx, 'receipt_link', receipt.id)
    invariant(expiresAt !== null, 'A link that is resumed was made.')
    return link(deps, tx, actor, receipt, expiresAt)
  })
}

async function link(deps: Deps, tx: Tx, actor: Actor, receipt: Receipt, expiresAt: Date): Promise<ReceiptLink> {
  const token = createToken(`rl_${tx.tenant.mode}_`)
  const hash = hashToken(token)
  await insertCredential(tx, { hash, kind: 'receipt_link', subjectId: receipt.id, scopes: [], expiresAt })
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'receipt_link.created',
    objectId: receipt.id,
    requestId: actor.requestId,
    details: { number: receipt.number, expires_at: expiresAt.toISOString() },
  })
  return { receiptId: receipt.id, url: `${deps.publicUrl()}/receipts/${token}`, expiresAt }
}
