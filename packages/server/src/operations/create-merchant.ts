// What makes a merchant able to work: the tenant itself, keys, a signing key, people, and an account at a gateway. The
// operator's acts; every secret is shown once, to the caller, and kept as a hash or sealed.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { hash as hashPassword } from '@node-rs/argon2'
import { LiveApiKeyId, MerchantId, SigningKeyId, TestApiKeyId, UserId } from '../kernel/ids.ts'
import type { ApiKeyId, GatewayAccountId, Tenant } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertAudit } from '../store/audit.ts'
import { insertCredential } from '../store/credentials.ts'
import { insertApiKey, insertMerchant, insertSigningKey, insertUser } from '../store/merchants.ts'
import type { User } from '../store/merchants.ts'
import { assertModeIsOn, keepGatewayAccount } from './add-gateway-account.ts'
import type { NewGatewayAccount } from './add-gateway-account.ts'
import type { Deps } from './deps.ts'

const OPERATOR = { actor: 'operator', requestId: null } as const

export async function createMerchant(deps: Deps, merchant: { readonly name: string }): Promise<MerchantId> {
  const id = MerchantId.create(deps.clock.now())
  // On real time: a merchant that is not there yet has no test clock.
  const tenant: Tenant = { merchantId: id, mode: 'live' }
  await deps.store.inTransaction(tenant, async (tx) => {
    await insertMerchant(tx, { id, name: merchant.name, dataKey: deps.vault.createDataKey(id) })
    await insertAudit(tx, { ...OPERATOR, action: 'merchant.created', objectId: id, details: { name: merchant.name } })
  })
  return id
}

export type CreatedKeys = { readonly keyId: ApiKeyId; readonly secretKey: string; readonly publishableKey: string }

/** A pair: the secret key may do everything a merchant may, the publishable one only what an app may. */
export async function createApiKeys(deps: Deps, tenant: Tenant, label: string): Promise<CreatedKeys> {
  assertModeIsOn(deps, tenant)
  const kinds = { test: TestApiKeyId, live: LiveApiKeyId }
  const keyId = kinds[tenant.mode].create(deps.clock.now())
  const secretKey = createToken(`sk_${tenant.mode}_`)
  const publishableKey = createToken(`pk_${tenant.mode}_`)
  await deps.store.inTransaction(tenant, async (tx) => {
    await insertApiKey(tx, { id: keyId, label })
    const common = { subjectId: keyId, expiresAt: null }
    const scopes = ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings']
    await insertCredential(tx, { hash: hashToken(secretKey), kind: 'secret_key', scopes, ...common })
    await insertCredential(tx, { hash: hashToken(publishableKey), kind: 'publishable_key', scopes: [], ...common })
    await insertAudit(tx, { ...OPERATOR, action: 'api_key.created', objectId: keyId, details: { label } })
  })
  return { keyId, secretKey, publishableKey }
}

const SIGNING_KEY_BITS = 3_072

/** Signs the payloads that app SDKs start with. Its public half is at /jwks/:merchant_id. */
export async function createSigningKey(deps: Deps, tenant: Tenant): Promise<SigningKeyId> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: SIGNING_KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const id = SigningKeyId.create(deps.clock.now())
  await deps.store.inTransaction(tenant, async (tx) => {
    const privateKeySealed = await deps.vault.seal(tx, 'signing_key.private_key', privateKey)
    await insertSigningKey(tx, { id, publicKey, privateKeySealed })
    await insertAudit(tx, { ...OPERATOR, action: 'signing_key.created', objectId: id, details: {} })
  })
  return id
}

export async function createUser(
  deps: Deps,
  tenant: Tenant,
  user: { readonly email: string; readonly password: string; readonly role: User['role'] },
): Promise<UserId> {
  const id = UserId.create(deps.clock.now())
  const passwordHash = await hashPassword(user.password)
  await deps.store.inTransaction(tenant, async (tx) => {
    await insertUser(tx, { id, email: user.email, passwordHash, role: user.role })
    await insertAudit(tx, { ...OPERATOR, action: 'user.created', objectId: id, details: { role: user.role } })
  })
  return id
}

/** What `addGatewayAccount` does, by the operator, who may also choose the id and set what was agreed about fees. */
export async function connectGatewayAccount(
  deps: Deps,
  tenant: Tenant,
  account: NewGatewayAccount,
): Promise<GatewayAccountId> {
  return (await keepGatewayAccount(deps, { tenant, ...OPERATOR }, account)).account.id
}
