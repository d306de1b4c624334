// The keys that payloads are signed with: brought along, replaced, retired. A retired key signs nothing more; its
// public half stays published, because what it signed may still be under way.
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../kernel/errors.ts'
import { MerchantKeyId, SigningKeyId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertSigningKey, listSigningKeys, markSigningKeyRetired } from '../store/merchants.ts'
import {
  findTenantOfMerchantKey,
  insertMerchantKey,
  markMerchantKeyRetired,
  readMerchantKey,
} from '../store/signed-payloads.ts'
import { createSigningKey } from './create-merchant.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { PRIVATE_KEY_FIELD } from './sign-payload.ts'

const LEAST_BITS = 2_048
const OWN_BITS = 3_072
const OWN_KEY_FIELD = 'merchant_key.own_private_key'

/** A fresh key signs from now on; those before are retired. */
export async function rotateSigningKey(deps: Deps, actor: Actor): Promise<SigningKeyId> {
  const id = await createSigningKey(deps, actor.tenant)
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    const older = (await listSigningKeys(tx)).filter((key) => key.status === 'active' && key.id < id)
    for (const key of older) await retire(tx, actor, key.id)
  })
  return id
}

/** @throws AppError signing_key_not_found */
export async function retireSigningKey(deps: Deps, actor: Actor, id: SigningKeyId): Promise<void> {
  await deps.store.inTransaction(actor.tenant, (tx) => retire(tx, actor, id))
}

async function retire(tx: Tx, actor: Actor, id: SigningKeyId): Promise<void> {
  await markSigningKeyRetired(tx, id)
  await insertAudit(tx, { ...by(actor), action: 'signing_key.retired', objectId: id, details: {} })
}

/** A pair that was made elsewhere: PEM, PKCS#1 or PKCS#8. It signs from now on. @throws AppError field_invalid */
export async function importSigningKey(deps: Deps, actor: Actor, pem: string): Promise<SigningKeyId> {
  const key = rsaKey(pem, 'private_key', createPrivateKey)
  const id = SigningKeyId.create(deps.clock.now())
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const privateKeySealed = await deps.vault.seal(tx, PRIVATE_KEY_FIELD, privateKey)
    await insertSigningKey(tx, { id, publicKey, privateKeySealed })
    await insertAudit(tx, { ...by(actor), action: 'signing_key.imported', objectId: id, details: {} })
  })
  return id
}

function rsaKey<Key extends ReturnType<typeof createPublicKey>>(
  pem: string,
  field: string,
  read: (pem: string) => Key,
) {
  try {
    const key = read(pem)
    if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_BITS) return key
  } catch {
    // What is no key is told below, without repeating it.
  }
  throw new AppError('field_invalid', { field, reason: 'is no RSA key of 2048 bits or more in PEM form' })
}

/** The merchant's public key, and a pair of ours for it to encrypt to. @throws AppError field_invalid */
export async function registerMerchantKey(
  deps: Deps,
  actor: Actor,
  pem: string,
): Promise<{ readonly id: MerchantKeyId; readonly ownPublicKey: string }> {
  const publicKey = rsaKey(pem, 'public_key', createPublicKey).export({ type: 'spki', format: 'pem' }).toString()
  const own = await promisify(generateKeyPair)('rsa', {
    modulusLength: OWN_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const id = MerchantKeyId.create(deps.clock.now())
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    const ownPrivateKeySealed = await deps.vault.seal(tx, OWN_KEY_FIELD, own.privateKey)
    await insertMerchantKey(tx, { id, publicKey, ownPublicKey: own.publicKey, ownPrivateKeySealed })
    await insertAudit(tx, { ...by(actor), action: 'merchant_key.registered', objectId: id, details: {} })
  })
  return { id, ownPublicKey: own.publicKey }
}

/** @throws AppError signing_key_not_found */
export async function retireMerchantKey(deps: Deps, actor: Actor, id: MerchantKeyId): Promise<void> {
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await markMerchantKeyRetired(tx, id)
    await insertAudit(tx, { ...by(actor), action: 'merchant_key.retired', objectId: id, details: {} })
  })
}

export type OpenMerchantKey = {
  readonly tenant: Tenant
  readonly publicKey: string
  readonly ownPrivateKey: string
}

/**
 * Whoever names a key is not believed yet: what it sends must be signed with it.
 * @throws AppError credentials_invalid
 */
export async function openMerchantKey(deps: Deps, id: string): Promise<OpenMerchantKey> {
  const tenant = MerchantKeyId.is(id) ? await findTenantOfMerchantKey(deps.store.queue, id) : undefined
  if (tenant === undefined) throw new AppError('credentials_invalid')
  return deps.store.inTransaction(tenant, async (tx) => {
    const key = await readMerchantKey(tx, MerchantKeyId.parse(id))
    const ownPrivateKey = await deps.vault.open(tx, OWN_KEY_FIELD, key.ownPrivateKeySealed)
    return { tenant, publicKey: key.publicKey, ownPrivateKey }
  })
}

const by = (actor: Actor) => ({ actor: actorName(actor), requestId: actor.requestId })
