import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApi } from '../testing/api-setup.ts'
import type { TestApi } from '../testing/api-setup.ts'

let api: TestApi
let port: number

beforeAll(async () => {
  api = await startTestApi()
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as AddressInfo).port
})

afterAll(() => api.close())

/** Writes the bytes and reads until the server closes the connection, or until `count` answers have come. */
function talk(bytes: string, count = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      if (heard.split('HTTP/1.1 ').length > count && complete(heard)) socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
  })
}

function complete(heard: string): boolean {
  const last = heard.slice(heard.lastIndexOf('HTTP/1.1 '))
  const [, length = '0'] = /content-length: (\d+)/i.exec(last) ?? []
  return last.length - (last.indexOf('\r\n\r\n') + 4) >= Number.parseInt(length, 10)
}

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`
const post = (headers: string[], body: string) =>
  `POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.merchant.secretKey}\r\n` +
  `Content-Type: application/json\r\nIdempotency-Key: k\r\n${headers.join('\r\n')}\r\n\r\n${body}`

const BODY = JSON.stringify({ reference: 'smuggled', amount: 100, currency: 'INR' })

describe('What is no HTTP', () => {
  const CASES: readonly (readonly [what: string, bytes: () => string, status: number])[] = [
    ['nonsense', () => 'nonsense\r\n\r\n', 400],
    ['a TLS greeting', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['a header without a name', () => get('/health/live', ': x'), 400],
    ['a space before the colon', () => get('/health/live', 'Transfer-Encoding : chunked'), 400],
    ['a folded header', () => get('/health/live', 'X-A: 1\r\n  folded'), 400],
    ['a bare carriage return', () => get('/health/live', 'X-A: 1\rX-B: 2'), 400],
    ['a NUL in a header', () => get('/health/live', 'X-A: 1\x002'), 400],
    ['headers without end', () => get('/health/live', `X-A: ${'a'.repeat(20_000)}`), 431],
    ['both lengths at once', () => post(['Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), 400],
    ['two lengths', () => post(['Content-Length: 4', 'Content-Length: 5'], 'abcde'), 400],
    ['a length that is no number', () => post(['Content-Length: +4'], 'abcd'), 400],
    [
      'a transfer encoding that is not chunked last',
      () => post(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
      400,
    ],
    ['a chunk size that is no number', () => post(['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'), 400],
    [
      'a chunk extension without end',
      () => post(['Transfer-Encoding: chunked'], `1;${'a'.repeat(20_000)}\r\n{\r\n`),
      413,
    ],
    ['no Host', () => 'GET /health/live HTTP/1.1\r\n\r\n', 400],
  ]

  test.each(CASES)('%s is refused in our own words', async (_what, bytes, status) => {
    const heard = await talk(bytes())
    const [head = '', body = ''] = heard.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head.toLowerCase()).toContain('content-type: application/problem+json')
    expect(head.toLowerCase()).toContain('x-content-type-options: nosniff')
    const [, requestId] = /x-request-id: (req_[0-9a-f]{32})/i.exec(head) ?? []
    expect(JSON.parse(body)).toMatchObject({ status, code: expect.any(String), request_id: requestId })
  })

  test('does not hide a second request behind the first', async () => {
    const hidden = get('/v1/orders')
    const heard = await talk(
      post([`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    )
    expect(heard.match(/^HTTP\/1\.1 \d/gm), heard).toHaveLength(1)
  })

  test('leaves the server well', async () => {
    for (const [, bytes] of CASES) await talk(bytes())
    expect(await talk(get('/health/live', 'Connection: close'))).toContain('{"status":"live"}')
    expect(api.errors).toEqual([])
  })
})

describe('A connection', () => {
  test('carries several requests, each with its own answer', async () => {
    const heard = await talk(get('/health/live') + get('/nowhere') + get('/health/live', 'Connection: close'), 3)
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200'])
  })

  test('may expect what nobody defined, and is answered', async () => {
    expect(await talk(get('/health/live', 'Expect: miracles', 'Connection: close'))).toContain('HTTP/1.1 200')
  })

  test('answers a body sent in chunks', async () => {
    const chunks = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
    const heard = await talk(post(['Transfer-Encoding: chunked', 'Connection: close'], chunks))
    expect(heard).toContain('HTTP/1.1 201')
  })

  test('that says how much it will send is refused before it sends too much', async () => {
    expect(await talk(post(['Content-Length: 70000'], '{'))).toContain('HTTP/1.1 413')
  })
})

describe('Closing', () => {
  test('lets a request that is under way finish, and accepts no other', async () => {
    const closing = await startTestApi()
    let release = () => {}
    const waits = new Promise<void>((resolve) => (release = resolve))
    const inSnapshot = closing.deps.store.inSnapshot.bind(closing.deps.store)
    const reached = new Promise<void>((resolve) => {
      Object.assign(closing.deps.store, {
        inSnapshot: async (...given: Parameters<typeof inSnapshot>) => {
          resolve()
          await waits
          return inSnapshot(...given)
        },
      })
    })
    const base = await closing.app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { authorization: `Bearer ${closing.merchant.secretKey}` }
    const underWay = fetch(`${base}/v1/orders`, { headers })
    await reached
    const closed = closing.app.close()
    await expect(fetch(`${base}/health/live`)).rejects.toThrow()
    release()
    expect((await underWay).status).toBe(200)
    await closed
    await closing.db.close()
  })
})
