// Calls as software written for Juspay makes them: forms with a key in Basic auth from the merchant's server, JSON with
// a client token or with nothing at all from the app.
import { performance } from 'node:perf_hooks'
import type { Answer, Json } from './api.ts'
import type { Narrator } from './narrator.ts'

const DEADLINE_MS = 30_000

export type JuspayCall = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
  readonly json?: Json
  /** A client token, instead of what the caller is known by otherwise. */
  readonly token?: string
  readonly show?: readonly string[]
  /** Not told: what is only fetched to check something else with. */
  readonly silent?: boolean
}

export type JuspayApi = (call: JuspayCall) => Promise<Answer>

/** With a key: the merchant's server. Without: an app. */
export function createJuspayApi(
  demo: { readonly base_url: string; readonly merchant_id: string },
  key: string | undefined,
  narrator: Narrator,
): JuspayApi {
  return async ({ method, path, form, json, token, show = [], silent = false }) => {
    const headers: Record<string, string> = { 'x-merchantid': demo.merchant_id, version: '2023-06-30' }
    if (key !== undefined) headers['authorization'] = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded'
    if (json !== undefined) headers['content-type'] = 'application/json'
    if (token !== undefined && method === 'POST') headers['idempotency-key'] = crypto.randomUUID()
    const body = form === undefined ? json && JSON.stringify(json) : new URLSearchParams(form).toString()
    const began = performance.now()
    const response = await fetch(demo.base_url + path, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const ms = performance.now() - began
    const received = receivedOf(response, text)
    const sent = form ?? json
    const exchange = { method, path: shortened(path), status: response.status, received, ms }
    if (!silent) narrator.exchange(sent === undefined ? exchange : { ...exchange, sent: shortenedIn(sent) }, show)
    return { status: response.status, body: received }
  }
}

function receivedOf(response: Response, text: string): Json {
  const location = response.headers.get('location')
  if (location !== null) return { location }
  if (response.headers.get('content-type')?.includes('json') === true) return JSON.parse(text) as Json
  return { type: response.headers.get('content-type') ?? '', bytes: Buffer.byteLength(text) }
}

// Keys, tokens and signed texts are long, and nobody reads them here.
const shortened = (path: string) => path.replaceAll(/[0-9a-f]{40,}/g, '…')

function shortenedIn(sent: Readonly<Record<string, unknown>>): Json {
  const entries = Object.entries(sent).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'string' && value.length > 80 ? `${value.slice(0, 60)}…` : value,
  ])
  return Object.fromEntries(entries)
}
