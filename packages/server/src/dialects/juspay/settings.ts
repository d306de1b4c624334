// What a merchant sets up in the original's dashboard, as calls of our own under /juspay/settings: keys and the
// response key. Secrets are in the answer that makes them and in no other.
import { MerchantKeyId, SigningKeyId } from '../../kernel/ids.ts'
import { rotateResponseKey } from '../../operations/response-key.ts'
import {
  importSigningKey,
  registerMerchantKey,
  retireMerchantKey,
  retireSigningKey,
  rotateSigningKey,
} from '../../operations/signing-keys.ts'
import { missingFields } from './errors.ts'
import { textIn } from './fields.ts'
import type { Call, JuspayRoute } from './route.ts'

async function newResponseKey({ deps, actor }: Call): Promise<unknown> {
  return { response_key: await rotateResponseKey(deps, actor) }
}

async function newMerchantKey({ deps, actor, fields }: Call): Promise<unknown> {
  const pem = textIn(fields, 'public_key')
  if (pem === undefined) throw missingFields('public_key')
  const { id, ownPublicKey } = await registerMerchantKey(deps, actor, pem)
  return { key_id: id, public_key: ownPublicKey }
}

async function newSigningKey({ deps, actor, fields }: Call): Promise<unknown> {
  const pem = textIn(fields, 'private_key')
  return {
    merchant_key_id: await (pem === undefined ? rotateSigningKey(deps, actor) : importSigningKey(deps, actor, pem)),
  }
}

async function retireKey(call: Call): Promise<unknown> {
  const { deps, actor } = call
  const id = call.param('key_id')
  if (SigningKeyId.is(id)) await retireSigningKey(deps, actor, id)
  else await retireMerchantKey(deps, actor, MerchantKeyId.parse(id))
  return { key_id: id, status: 'RETIRED' }
}

const who = { key: 'settings' } as const

export const settingRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/settings/response-key'], who, handle: newResponseKey },
  { method: 'POST', paths: ['/settings/keys'], who, handle: newMerchantKey },
  { method: 'POST', paths: ['/settings/signing-keys'], who, handle: newSigningKey },
  { method: 'POST', paths: ['/settings/keys/:key_id/retire'], who, handle: retireKey },
]
