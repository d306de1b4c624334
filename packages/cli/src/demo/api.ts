// Calls the server as a merchant's backend does (secret key, Idempotency-Key) and as its app does (client token), and
// tells each exchange as it happens.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Narrator } from './narrator.ts'

const DEADLINE_MS = 30_000

export type Json = Record<string, unknown>

export type Answer = { readonly status: number; readonly body: Json }

export type Call = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Json
  /** Which fields of the answer are worth showing; none: all. */
  readonly show?: readonly string[]
  /** Not told: for asking again and again. */
  readonly silent?: boolean
}

export type Api = {
  call(call: Call): Promise<Answer>
  /** The bytes of a file. */
  download(path: string): Promise<{ readonly status: number; readonly type: string; readonly bytes: Buffer }>
}

export function createApi(baseUrl: string, token: string, narrator: Narrator): Api {
  const send = (method: string, path: string, body?: Json) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (method !== 'GET') headers['idempotency-key'] = randomUUID()
    if (body !== undefined) headers['content-type'] = 'application/json'
    const payload = body === undefined ? {} : { body: JSON.stringify(body) }
    return fetch(baseUrl + path, { method, headers, signal: AbortSignal.timeout(DEADLINE_MS), ...payload })
  }
  return {
    async call({ method, path, body, show = [], silent = false }) {
      const began = performance.now()
      const response = await send(method, path, body)
      const text = await response.text()
      const ms = performance.now() - began
      const received = text === '' ? {} : (JSON.parse(text) as Json)
      const sent = body === undefined ? {} : { sent: body }
      if (!silent) narrator.exchange({ method, path, ...sent, status: response.status, received, ms }, show)
      return { status: response.status, body: received }
    },
    async download(path) {
      const began = performance.now()
      const response = await send('GET', path)
      const bytes = Buffer.from(await response.arrayBuffer())
      const type = response.headers.get('content-type') ?? ''
      const ms = performance.now() - began
      const received = response.ok ? { type, bytes: bytes.length } : (JSON.parse(bytes.toString('utf8')) as Json)
      narrator.exchange({ method: 'GET', path, status: response.status, received, ms }, [])
      return { status: response.status, type, bytes }
    },
  }
}
