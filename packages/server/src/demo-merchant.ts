// The demo merchant of a first start, and `demo.json`, which holds what a script needs to use it. Made once: a later
// start only brings the addresses in it up to date.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Runtime } from './compose.ts'
import type { MerchantId, Tenant } from './kernel/ids.ts'
import { GatewayAccountId } from './kernel/ids.ts'
import { systemRandomness } from './kernel/random.ts'
import { authenticate } from './operations/authenticate.ts'
import {
  connectGatewayAccount,
  createApiKeys,
  createMerchant,
  createSigningKey,
  createUser,
} from './operations/create-merchant.ts'
import { createWebhookEndpoint } from './operations/create-webhook-endpoint.ts'
import { moveSandboxAccount } from './operations/move-sandbox-account.ts'
import { updateWebhookEndpoint } from './operations/update-webhook-endpoint.ts'
import { createSandboxAccount, setNotificationUrl } from './sandbox-gateway/index.ts'

/** A contract: keys are added, never changed. */
export type DemoFile = {
  readonly base_url: string
  readonly merchant_id: string
  readonly key_id: string
  readonly secret_key: string
  readonly publishable_key: string
  readonly webhook_secret: string
  readonly signing_kid: string
  readonly gateway_account_id: string
  readonly sandbox: { readonly account_id: string; readonly admin_token: string }
  readonly dashboard: { readonly url: string; readonly email: string; readonly password: string }
  /** While TLS is listened for. */
  readonly tls_url?: string
} & Partial<JuspayKeys>

/** What a client of the Juspay dialect is set up with. */
export type JuspayKeys = {
  readonly payment_page_client_id: string
  readonly response_key: string
  /** The merchant's private key, and the public key of ours that it encrypts to. */
  readonly jwe: { readonly key_id: string; readonly public_key: string; readonly private_key: string }
}

/** `addKeys` makes what takes long to make; a test server goes without it. */
export async function ensureDemo(
  runtime: Runtime,
  dataDir: string,
  baseUrl: string,
  addKeys: (runtime: Runtime, demo: DemoFile) => Promise<Partial<JuspayKeys>> = async () => ({}),
): Promise<DemoFile> {
  const path = join(dataDir, 'demo.json')
  const known = await readDemo(path)
  const demo = known !== undefined && (await stillThere(runtime, known)) ? known : await makeDemo(runtime, baseUrl)
  const { tls_url: _, ...kept } = demo
  const tlsUrl = runtime.tlsUrl()
  const current: DemoFile = {
    ...kept,
    ...(await addKeys(runtime, demo)),
    ...(tlsUrl === undefined ? {} : { tls_url: tlsUrl }),
    base_url: baseUrl,
    sandbox: { ...demo.sandbox, admin_token: runtime.sandbox.adminToken },
    dashboard: { ...demo.dashboard, url: `${baseUrl}/dashboard` },
  }
  if (demo.base_url !== baseUrl) await moveAddresses(runtime, current)
  const partial = `${path}.${process.pid}`
  await writeFile(partial, `${JSON.stringify(current, null, 2)}\n`, { mode: 0o600 })
  await rename(partial, path)
  return current
}

async function readDemo(path: string): Promise<DemoFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DemoFile
  } catch {
    return undefined
  }
}

/** False when the database is not the one that the file was made for. */
async function stillThere(runtime: Runtime, demo: DemoFile): Promise<boolean> {
  const identity = await authenticate(runtime.deps, demo.secret_key)
  return identity?.tenant.merchantId === demo.merchant_id
}

async function makeDemo(runtime: Runtime, baseUrl: string): Promise<DemoFile> {
  const { deps } = runtime
  const merchantId = await createMerchant(deps, { name: 'Demo Store' })
  const tenant: Tenant = { merchantId, mode: 'test' }
  const keys = await createApiKeys(deps, tenant, 'Demo')
  const signingKid = await createSigningKey(deps, tenant)
  const gatewayAccountId = GatewayAccountId.create(deps.clock.now())
  const sandbox = await createSandboxAccount(runtime.sandbox.pool, {
    name: 'Demo Store',
    notificationUrl: `${baseUrl}/gateways/${gatewayAccountId}/notifications`,
    now: deps.clock.now(),
  })
  await connectGatewayAccount(deps, tenant, {
    id: gatewayAccountId,
    connector: 'sandbox',
    label: 'Sandbox',
    settings: { settlement: { fee_bps: 200, fee_fixed: 0, tds_bps: 0 } },
    credentials: {
      base_url: baseUrl,
      api_key: sandbox.apiKey,
      notification_secret: sandbox.notificationSecret,
    },
  })
  const actor = { tenant, kind: 'job', id: 'demo', requestId: null, scopes: ['webhooks'] } as const
  const webhook = await createWebhookEndpoint(deps, actor, {
    url: `${baseUrl}/your-server-here`,
    description: 'Demo: set the address of your own server, then enable it.',
    eventTypes: ['*'],
  })
  await updateWebhookEndpoint(deps, actor, { endpointId: webhook.endpoint.id, status: 'disabled' })
  // User e-mail addresses are unique in the whole database, and a database may outlive its demo.json.
  const email = `demo-${merchantId.slice(-6)}@purser.example`
  const password = systemRandomness.bytes(12).toString('base64url')
  await createUser(deps, tenant, { email, password, role: 'owner' })
  return {
    base_url: baseUrl,
    merchant_id: merchantId,
    key_id: keys.keyId,
    secret_key: keys.secretKey,
    publishable_key: keys.publishableKey,
    webhook_secret: webhook.secret,
    signing_kid: signingKid,
    gateway_account_id: gatewayAccountId,
    sandbox: { account_id: sandbox.accountId, admin_token: runtime.sandbox.adminToken },
    dashboard: { url: `${baseUrl}/dashboard`, email, password },
  }
}

/** The server now listens elsewhere: our account at the sandbox, and where the sandbox notifies us, follow. */
async function moveAddresses(runtime: Runtime, demo: DemoFile): Promise<void> {
  const tenant: Tenant = { merchantId: demo.merchant_id as MerchantId, mode: 'test' }
  const gatewayAccountId = GatewayAccountId.parse(demo.gateway_account_id)
  await moveSandboxAccount(runtime.deps, tenant, gatewayAccountId, demo.base_url)
  const url = `${demo.base_url}/gateways/${gatewayAccountId}/notifications`
  await setNotificationUrl(runtime.sandbox.pool, demo.sandbox.account_id, url)
}
