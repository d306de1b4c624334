// Signs what an app's SDK starts with, from data of the server alone, and checks it when it comes back.
// Easy to get wrong: a signature is over exact bytes. The text is made once, signed, and handed over as text; whoever
// verifies takes it as it arrived and never writes it anew. What we signed is also in a row, and the row counts: a
// payload that has run out, or whose order was changed since, is refused however good its signature.
import { createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Order } from '../domain/order/order.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { SignedPayloadId } from '../kernel/ids.ts'
import type { CustomerId, SigningKeyId } from '../kernel/ids.ts'
import { equals } from '../kernel/money.ts'
import { listSigningKeys, readActiveSigningKey } from '../store/merchants.ts'
import { readOrder } from '../store/orders.ts'
import { insertSignedPayload, takeSignedPayload } from '../store/signed-payloads.ts'
import type { SignedPayload } from '../store/signed-payloads.ts'
import type { Actor, Deps } from './deps.ts'

/** Ready to be handed to an app. */
export type SignedText = {
  readonly id: SignedPayloadId
  readonly keyId: SigningKeyId
  /** The exact text that was signed. */
  readonly text: string
  /** Base64 of RSASSA-PKCS1-v1_5 with SHA-256. */
  readonly signature: string
  readonly expiresAt: Date
}

export type SignPayloadCommand = {
  readonly customerId: CustomerId | null
  /** Absent for a payload that only starts an app's SDK. */
  readonly order?: Order
  /** Writes the text, once. */
  compose(about: { readonly id: SignedPayloadId; readonly at: Date; readonly expiresAt: Date }): string
}

const LIFE_MS = 15 * 60 * 1_000
export const PRIVATE_KEY_FIELD = 'signing_key.private_key'
const signAsync = promisify(sign) as (algorithm: string, data: Buffer, key: string | KeyObject) => Promise<Buffer>
const verifyAsync = promisify(verify) as unknown as (
  algorithm: string,
  data: Buffer,
  key: KeyObject,
  signature: Buffer,
) => Promise<boolean>

/** @throws AppError signing_key_not_found */
export async function signPayload(deps: Deps, actor: Actor, command: SignPayloadCommand): Promise<SignedText> {
  const { order } = command
  const prepared = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const key = await readActiveSigningKey(tx)
    const privateKey = await deps.vault.open(tx, PRIVATE_KEY_FIELD, key.privateKeySealed)
    const id = SignedPayloadId.create(deps.clock.now())
    const expiresAt = addMs(tx.now, LIFE_MS)
    await insertSignedPayload(tx, {
      id,
      kind: order === undefined ? 'initiate' : 'process',
      signingKeyId: key.id,
      customerId: command.customerId,
      order: order === undefined ? null : { id: order.id, termsVersion: order.termsVersion, amount: order.amount },
      expiresAt,
    })
    return { id, keyId: key.id, privateKey, expiresAt, text: command.compose({ id, at: tx.now, expiresAt }) }
  })
  const { privateKey, ...signed } = prepared
  return { ...signed, signature: await signText(signed.text, privateKey) }
}

/** Off the main thread: a signature takes milliseconds. */
export async function signText(text: string, privateKey: string): Promise<string> {
  return (await signAsync('RSA-SHA256', Buffer.from(text, 'utf8'), privateKey)).toString('base64')
}

/** False for anything that is no signature of this text. */
export async function isSignedBy(text: string, signature: string, publicKey: string): Promise<boolean> {
  if (!/^[A-Za-z0-9+/]{100,1400}={0,2}$/.test(signature)) return false
  return verifyAsync(
    'RSA-SHA256',
    Buffer.from(text, 'utf8'),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64'),
  )
}

/**
 * Checks a payload that we signed, as it came back. Using it again changes nothing.
 * @throws AppError signature_invalid; session_not_open when it has run out; order_version_stale
 */
export async function takePayload(
  deps: Deps,
  actor: Actor,
  given: { readonly id: string; readonly keyId: string; readonly text: string; readonly signature: string },
): Promise<SignedPayload> {
  const keys = await deps.store.inSnapshot(actor.tenant, listSigningKeys)
  const key = keys.find(({ id }) => id === given.keyId)
  const good = key !== undefined && (await isSignedBy(given.text, given.signature, key.publicKey))
  if (!good || !SignedPayloadId.is(given.id)) throw new AppError('signature_invalid')
  const id = given.id
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const payload = await takeSignedPayload(tx, id)
    if (payload.signingKeyId !== key.id) throw new AppError('signature_invalid')
    if (payload.expiresAt.getTime() <= tx.now.getTime()) throw new AppError('session_not_open', { status: 'expired' })
    if (payload.order === null) return payload
    const order = await readOrder(tx, payload.order.id)
    const same = order.termsVersion === payload.order.termsVersion && equals(order.amount, payload.order.amount)
    if (!same) throw new AppError('order_version_stale')
    return payload
  })
}
