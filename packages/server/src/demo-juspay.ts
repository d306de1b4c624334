// What a client written for Juspay needs besides the key, for the demo merchant: keys for encrypted calls, the key that
// return addresses are signed with, and a client id. Made once; what is in demo.json already stays.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { Runtime } from './compose.ts'
import type { DemoFile, JuspayKeys } from './demo-merchant.ts'
import type { MerchantId } from './kernel/ids.ts'
import type { Actor } from './operations/deps.ts'
import { readResponseKey, rotateResponseKey } from './operations/response-key.ts'
import { registerMerchantKey } from './operations/signing-keys.ts'

export async function addJuspayKeys({ deps }: Runtime, demo: DemoFile): Promise<JuspayKeys> {
  const tenant = { merchantId: demo.merchant_id as MerchantId, mode: 'test' } as const
  const actor: Actor = { tenant, kind: 'job', id: 'demo', requestId: null, scopes: ['settings'] }
  return {
    payment_page_client_id: demo.payment_page_client_id ?? 'demo',
    response_key: demo.response_key ?? (await readResponseKey(deps, tenant)) ?? (await rotateResponseKey(deps, actor)),
    jwe: demo.jwe ?? (await makeKeys(deps, actor)),
  }
}

async function makeKeys(deps: Runtime['deps'], actor: Actor): Promise<JuspayKeys['jwe']> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const { id, ownPublicKey } = await registerMerchantKey(deps, actor, pair.publicKey)
  return { key_id: id, public_key: ownPublicKey, private_key: pair.privateKey }
}
