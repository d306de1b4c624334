// What makes a merchant able to work: the tenant itself, keys, a signing key, people, and an account at a gateway. The
// operator's acts; every secret is shown once, to the caller, and kept as a hash or sealed.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { hash as hashPassword } from '@node-rs/argon2'
import { Value } from 'typebox/value'
import type { Connector } from '../connectors/contract/connector.ts'
import { AppError } from '../kernel/errors.ts'
import { GatewayAccountId, LiveApiKeyId, MerchantId, SigningKeyId, TestApiKeyId, UserId } from '../kernel/ids.ts'
import type { ApiKeyId, Tenant } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertAudit } from '../store/audit.ts'
import { insertCredential } from '../store/credentials.ts'
import { insertGatewayAccount } from '../store/gateway-accounts.ts'
import { insertApiKey, insertMerchant, insertSigningKey, insertUser } from '../store/merchants.ts'
import type { User } from '../store/merchants.ts'
import type { Deps } from './deps.ts'
import { CREDENTIALS_FIELD } from './gateway.ts'

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

/** @throws AppError live_mode_off */
function assertModeIsOn(deps: Deps, tenant: Tenant): void {
  if (tenant.mode === 'live' && !deps.live) throw new AppError('live_mode_off')
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

/**
 * @throws AppError field_invalid, naming the field of the credentials that has not the shape that the connector asks
 *   for; url_refused for an address in them that may not be called
 */
export async function connectGatewayAccount(
  deps: Deps,
  tenant: Tenant,
  account: {
    readonly id?: GatewayAccountId
    readonly connector: string
    readonly label: string
    readonly credentials: object
    /** What was agreed with the gateway: `settlement: { fee_bps, fee_fixed, gst_bps, tds_bps }`. */
    readonly settings?: object
  },
): Promise<GatewayAccountId> {
  const connector = deps.connectors.get(account.connector)
  if (connector === undefined) throw new AppError('field_invalid', { field: 'connector', reason: 'not_registered' })
  assertModeIsOn(deps, tenant)
  if (tenant.mode === 'live' && connector.testOnly === true)
    throw new AppError('test_mode_only', { field: 'connector' })
  assertCredentials(deps, connector, account.credentials)
  const id = account.id ?? GatewayAccountId.create(deps.clock.now())
  await deps.store.inTransaction(tenant, async (tx) => {
    const credentialsSealed = await deps.vault.seal(tx, CREDENTIALS_FIELD, JSON.stringify(account.credentials))
    const { label } = account
    await insertGatewayAccount(tx, {
      id,
      connector: connector.name,
      label,
      credentialsSealed,
      settings: { ...account.settings },
    })
    await insertAudit(tx, {
      ...OPERATOR,
      action: 'gateway_account.connected',
      objectId: id,
      details: { connector: connector.name, label },
    })
  })
  return id
}

function assertCredentials(deps: Deps, connector: Connector, credentials: object): void {
  const [fault] = Value.Errors(connector.credentialsSchema, credentials)
  if (fault !== undefined) {
    const missing = fault.keyword === 'required' ? fault.params.requiredProperties.slice(0, 1) : []
    const path = [...fault.instancePath.split('/').filter((part) => part !== ''), ...missing]
    // What is wrong with it, never what it was: it may be half a secret.
    const reason = missing.length > 0 ? 'missing' : fault.keyword === 'boolean' ? 'no_such_field' : 'malformed'
    throw new AppError('field_invalid', { field: ['credentials', ...path].join('.'), reason })
  }
  for (const address of connector.addressesIn?.(credentials) ?? []) deps.checkMerchantUrl(address)
}
