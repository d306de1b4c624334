// What a merchant sets up in the original's dashboard, as calls of our own under /juspay/settings: keys and the
// response key. Secrets are in the answer that makes them and in no other.
import { MerchantKeyId, SigningKeyId } from '../../kernel/ids.ts'
import { AppError } from '../../kernel/errors.ts'
import { createWebhookEndpoint } from '../../operations/create-webhook-endpoint.ts'
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
import type { Fields } from './fields.ts'
import { below } from './order-fields.ts'
import type { Call, JuspayRoute } from './route.ts'
import { parseNames, webhookFormat } from './webhooks.ts'

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

async function newWebhook({ deps, actor, fields }: Call): Promise<unknown> {
  const [url, username, password] = ['url', 'username', 'password'].map((name) => textIn(fields, name))
  if (url === undefined || username === undefined || password === undefined) {
    throw missingFields('url', 'username', 'password')
  }
  const names = parseNames(listIn(fields, 'events'))
  const headers = Object.fromEntries([...below(fields, 'custom_headers.')].map(([name, { text }]) => [name, text]))
  assertHeaders(headers)
  const { endpoint } = await createWebhookEndpoint(deps, actor, {
    url,
    eventTypes: webhookFormat.typesOf(names),
    format: { name: 'juspay', names, sender: { username, password, headers } },
  })
  return { id: endpoint.id, url: endpoint.url, events: names }
}

function listIn(fields: Fields, name: string): readonly string[] {
  const field = fields.get(name)
  if (Array.isArray(field?.value)) return field.value.map(String)
  return (field?.text ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
}

const NOT_CUSTOM =
  /^(?:host|content-.*|transfer-encoding|connection|authorization|cookie|proxy-.*|upgrade|te|trailer)$/i

function assertHeaders(headers: Readonly<Record<string, string>>): void {
  const fine = ([name, value]: [string, string]) =>
    /^[A-Za-z0-9-]{1,64}$/.test(name) && /^[ -~]{0,512}$/.test(value) && !NOT_CUSTOM.test(name)
  if (Object.keys(headers).length <= 10 && Object.entries(headers).every(fine)) return
  throw new AppError('field_invalid', { field: 'custom_headers', reason: 'Invalid value.' })
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
  { method: 'POST', paths: ['/settings/webhooks'], who, handle: newWebhook },
]
