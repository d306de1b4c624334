import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiReply, Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayCall } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

// Golden exchanges: what was there, what was asked, and the whole answer. `{order}` is an order id of the fixture's
// own; `{merchant}` and `{base}` are the server's; `{txn_uuid}` is kept from the last step that told one. What nobody
// can know beforehand is a kind: `{id}`, `{time}`, `{token}`, `{hex}`, `{link}`, `{number}`.
type Step = JuspayCall & { readonly method: 'GET' | 'POST'; readonly path: string }
type Fixture = {
  readonly about: string
  readonly given: readonly Step[]
  readonly request: Step
  readonly response: { readonly status: number; readonly body: Loose }
}

const FOLDER = new URL('./fixtures/', import.meta.url)
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

const KINDS: Readonly<Record<string, RegExp>> = {
  '{id}': /^[a-z]{2,5}_[0-9a-zA-Z_]{16,64}$/,
  '{time}': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '{token}': /^[a-z_]{3,24}[0-9a-f]{32,64}$/,
  '{hex}': /^[0-9a-f]{32}$/,
  '{number}': /^\d{1,20}$/,
  '{link}': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+$/,
  '{link}?mobile=true': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+\?mobile=true$/,
}

let server: TestServer
let count = 0

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

function fill<T>(value: T, words: Readonly<Record<string, string>>): T {
  const text = JSON.stringify(value).replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole)
  return JSON.parse(text) as T
}

function send({ method, path, ...call }: Step): Promise<ApiReply> {
  const client = createJuspayClient(server.runtime.app, server.secretKey)
  return method === 'GET' ? client.get(path, call) : client.post(path, call)
}

/** The answer with every value that fits the kind asked for in its place replaced by the kind's name. */
function veiled(actual: Loose, expected: Loose): Loose {
  const kind = typeof expected === 'string' ? KINDS[expected] : undefined
  if (kind?.test(String(actual))) return expected
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.map((item, index) => veiled(item, expected[index]))
  if (typeof actual !== 'object' || actual === null || typeof expected !== 'object') return actual
  return Object.fromEntries(Object.entries(actual).map(([name, item]) => [name, veiled(item, expected?.[name])]))
}

describe('A golden exchange', () => {
  test.each(names)('%s', async (name) => {
    const fixture = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture
    const order = `GOLD${String((count += 1)).padStart(6, '0')}`
    let words: Record<string, string> = { order, merchant: server.merchantId, base: server.baseUrl }
    for (const step of fixture.given) {
      const { body, text, status } = await send(fill(step, words))
      expect(status, text).toBe(200)
      if (typeof body.txn_uuid === 'string') words = { ...words, txn_uuid: body.txn_uuid }
    }
    const reply = await send(fill(fixture.request, words))
    const expected = fill(fixture.response, words)
    expect(reply.headers['content-type']).toBe('application/json')
    expect({ status: reply.status, body: veiled(reply.body, expected.body) }).toEqual(expected)
  })
})
