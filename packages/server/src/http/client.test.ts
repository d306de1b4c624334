import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { WireReply, WireRequest } from '../connectors/contract/wire.ts'
import { AppError } from '../kernel/errors.ts'
import { runInsideTransactionFlag } from '../store/transaction-flag.ts'
import { createOutbound } from './client.ts'
import type { Outbound, SendOptions } from './client.ts'
import { parseTargetPolicy } from './target-guard.ts'

const LOOPBACK = parseTargetPolicy('127.0.0.0/8,::1')
const FIVE_SECONDS: SendOptions = { timeoutMs: 5_000, guard: 'merchant' }

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

function givenOutbound(options: Partial<Parameters<typeof createOutbound>[0]> = {}): Outbound {
  const outbound = createOutbound({ policy: LOOPBACK, ...options })
  closers.push(() => outbound.close())
  return outbound
}

async function givenServer(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  closers.push(() => server.closeAllConnections())
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** A server that speaks raw bytes: `onRequest` is called for each request whose headers have arrived. */
async function givenRawServer(onRequest: (socket: Socket, count: number) => void) {
  const seen = { requests: 0, connections: 0 }
  const server = createTcpServer((socket) => {
    seen.connections += 1
    closers.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      if (!/^(GET|POST|PUT|DELETE) /.test(bytes.toString('latin1'))) return
      seen.requests += 1
      onRequest(socket, seen.requests)
    })
  })
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** undici gives a connection back one turn of the event loop after the reply. */
async function untilReusable(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn()
}

const post = (url: string, headers: Record<string, string> = {}): WireRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: '{"amount":"10.00","name":"Zoë"}',
})

function bodyOf(reply: WireReply): string {
  return reply.kind === 'reply' ? reply.body : `${reply.kind}: ${reply.reason}`
}

describe('sending', () => {
  test('method, path, headers and the exact bytes of the body arrive, and the reply comes back', async () => {
    const { url } = await givenServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { host, 'accept-encoding': encoding, 'content-length': length, authorization } = request.headers
        response.writeHead(201, { 'X-Trace': 'abc', 'set-cookie': ['a=1', 'b=2'] })
        const line = `${request.method} ${request.url} ${host} ${encoding} ${length} ${authorization}`
        response.end(`${line} ${Buffer.concat(chunks).toString()} é`)
      })
    })
    const request = post(`${url}/pay/1?x=%20y`, { Authorization: 'Basic abc', 'Accept-Encoding': 'gzip' })
    const reply = await givenOutbound().send(request, FIVE_SECONDS)
    expect(reply).toMatchObject({ kind: 'reply', status: 201, headers: { 'x-trace': 'abc', 'set-cookie': 'a=1, b=2' } })
    const host = url.slice('http://'.length)
    expect(bodyOf(reply)).toBe(`POST /pay/1?x=%20y ${host} identity 32 Basic abc ${request.body} é`)
  })

  test.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('%s without a body arrives without one', async (method) => {
    const { url } = await givenServer((request, response) => {
      response.end(`${request.method} ${request.headers['content-length'] ?? 'none'}`)
    })
    const reply = await givenOutbound().send({ method, url, headers: {} }, FIVE_SECONDS)
    expect(bodyOf(reply)).toBe(`${method} ${method === 'POST' || method === 'PUT' ? '0' : 'none'}`)
  })

  test('a redirect is a reply and is not followed', async () => {
    const paths: (string | undefined)[] = []
    const { url } = await givenServer((request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const reply = await givenOutbound().send(post(`${url}/hook`), FIVE_SECONDS)
    expect(reply).toMatchObject({ kind: 'reply', status: 302, headers: { location: '/elsewhere' } })
    expect(paths).toEqual(['/hook'])
  })

  test.each([204, 304, 400, 404, 429, 500, 503])('status %i is a reply', async (status) => {
    const { url } = await givenServer((_, response) => response.writeHead(status).end())
    expect(await givenOutbound().send(post(url), FIVE_SECONDS)).toMatchObject({ kind: 'reply', status, body: '' })
  })

  test('a reply without a length that ends with the connection is whole', async () => {
    const { url } = await givenRawServer((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nfine'))
    expect(bodyOf(await givenOutbound().send(post(url), FIVE_SECONDS))).toBe('fine')
  })

  test('informational replies before the real one are skipped', async () => {
    const { url } = await givenRawServer((socket) =>
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    )
    expect(await givenOutbound().send(post(url), FIVE_SECONDS)).toMatchObject({ status: 200, body: 'ok' })
  })

  test('only the connect has to be done within connectTimeoutMs, the reply may take longer', async () => {
    const { url } = await givenServer((_, response) => setTimeout(() => response.end('late'), 600))
    const reply = await givenOutbound().send(post(url), { ...FIVE_SECONDS, connectTimeoutMs: 400 })
    expect(bodyOf(reply)).toBe('late')
  })

  test('a connection is used again, and gateways and merchants never share one', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    const outbound = givenOutbound()
    for (const guard of ['merchant', 'merchant', 'gateway', 'merchant', 'gateway'] as const) {
      expect((await outbound.send(post(url), { timeoutMs: 5_000, guard })).kind).toBe('reply')
      await untilReusable()
    }
    expect(seen).toEqual({ requests: 5, connections: 2 })
  })

  test.each(['host', 'Content-Length', 'transfer-encoding', 'connection', 'upgrade', 'expect'])(
    'a caller cannot set %s',
    async (name) => {
      const { url, seen } = await givenRawServer((socket) => socket.destroy())
      const reply = await givenOutbound().send(post(url, { [name]: '1' }), FIVE_SECONDS)
      expect(reply).toEqual({ kind: 'not_sent', reason: 'request_invalid' })
      expect(seen.connections).toBe(0)
    },
  )

  test('a header that would break out of its line is not sent', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.destroy())
    const reply = await givenOutbound().send(post(url, { 'x-note': 'a\r\nx-evil: 1' }), FIVE_SECONDS)
    expect(reply).toEqual({ kind: 'not_sent', reason: 'request_invalid' })
    expect(seen.requests).toBe(0)
  })

  test('inside a transaction nothing is sent: it is our bug', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.destroy())
    const outbound = givenOutbound()
    const sending = runInsideTransactionFlag(() => outbound.send(post(url), FIVE_SECONDS))
    await expect(sending).rejects.toThrow(AppError)
    expect(seen.connections).toBe(0)
  })

  test('after close nothing is sent', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.destroy())
    const outbound = givenOutbound()
    await outbound.close()
    await outbound.close()
    expect(await outbound.send(post(url), FIVE_SECONDS)).toEqual({ kind: 'not_sent', reason: 'closed' })
    expect(seen.connections).toBe(0)
  })
})

describe('what never left us', () => {
  test('a refused connection', async () => {
    const { url, server } = await givenServer(() => {})
    server.close()
    await once(server, 'close')
    expect(await givenOutbound().send(post(url), FIVE_SECONDS)).toEqual({ kind: 'not_sent', reason: 'connect_refused' })
  })

  test('a URL that the guard refuses, without a look-up', async () => {
    const asked: string[] = []
    const lookup = async (name: string) => {
      asked.push(name)
      return ['127.0.0.1']
    }
    const outbound = givenOutbound({ policy: parseTargetPolicy('none'), lookup })
    expect(await outbound.send(post('http://shop.test/'), FIVE_SECONDS)).toEqual({
      kind: 'not_sent',
      reason: 'url_refused_plain_http',
    })
    expect(await outbound.send(post('https://169.254.169.254/'), FIVE_SECONDS)).toEqual({
      kind: 'not_sent',
      reason: 'url_refused_address',
    })
    expect(asked).toEqual([])
  })

  test('a deadline that had passed already', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.destroy())
    for (const timeoutMs of [0, -1, Number.NaN]) {
      const reply = await givenOutbound().send(post(url), { timeoutMs, guard: 'merchant' })
      expect(reply).toEqual({ kind: 'not_sent', reason: 'timeout' })
    }
    expect(seen.connections).toBe(0)
  })

  test('a name that takes too long to look up, and its request never leaves later', async () => {
    const { url, seen } = await givenRawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    let answer: (addresses: readonly string[]) => void = () => {}
    const slow = new Promise<readonly string[]>((resolve) => {
      answer = resolve
    })
    const answers = [slow, Promise.resolve(['127.0.0.1'])]
    const outbound = givenOutbound({ lookup: () => answers.shift() ?? slow })
    const target = url.replace('127.0.0.1', 'shop.test')
    const reply = await outbound.send(post(target), { ...FIVE_SECONDS, connectTimeoutMs: 30 })
    expect(reply).toEqual({ kind: 'not_sent', reason: 'connect_timeout' })
    answer(['127.0.0.1'])
    expect((await outbound.send(post(target), FIVE_SECONDS)).kind).toBe('reply')
    await outbound.close()
    expect(seen.requests).toBe(1)
  })

  test('a request that found no free connection in time, and it never leaves later', async () => {
    const busy: Socket[] = []
    const { url, seen } = await givenRawServer((socket) => busy.push(socket))
    const outbound = givenOutbound()
    const stuck = Array.from({ length: 32 }, () => outbound.send(post(url), FIVE_SECONDS))
    const waiting = await outbound.send(post(url), { ...FIVE_SECONDS, connectTimeoutMs: 500 })
    expect(waiting).toEqual({ kind: 'not_sent', reason: 'connect_timeout' })
    for (const socket of busy) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    for (const reply of await Promise.all(stuck)) expect(reply.kind).toBe('reply')
    await outbound.close()
    expect(seen.requests).toBe(32)
  })
})

describe('what may have arrived', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\n'

  test.each([
    ['says nothing', () => {}, 'timeout'],
    [
      'sends headers and half a body, then nothing',
      (it: Socket) => it.write(`${HEAD}content-length: 9\r\n\r\nhalf`),
      'timeout',
    ],
    ['only ever sends informational replies', (it: Socket) => it.write('HTTP/1.1 102 Processing\r\n\r\n'), 'timeout'],
    ['closes without a word', (it: Socket) => it.end(), 'reset'],
    ['resets without a word', (it: Socket) => it.resetAndDestroy(), 'reset'],
    ['hints and then closes', (it: Socket) => it.end('HTTP/1.1 103 Early Hints\r\n\r\n'), 'reset'],
    ['closes inside the headers', (it: Socket) => it.end('HTTP/1.1 200 OK\r\ncontent-'), 'reset'],
    ['speaks another protocol', (it: Socket) => it.end('SSH-2.0-OpenSSH_9.2\r\n'), 'reply_malformed'],
    ['answers garbage', (it: Socket) => it.end(Buffer.alloc(100, 0xff)), 'reply_malformed'],
    [
      'switches protocols',
      (it: Socket) => it.write('HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      'reset',
    ],
    [
      'says two lengths',
      (it: Socket) => it.end(`${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`),
      'reply_malformed',
    ],
    [
      'stops half-way through a counted body',
      (it: Socket) => it.end(`${HEAD}content-length: 9\r\n\r\nhalf`),
      'reply_incomplete',
    ],
    [
      'stops half-way and says it would close',
      (it: Socket) => it.end(`${HEAD}connection: close\r\ncontent-length: 9\r\n\r\nhalf`),
      'reply_incomplete',
    ],
    [
      'stops half-way through chunks',
      (it: Socket) => it.end(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
      'reply_incomplete',
    ],
    [
      'stops half-way through chunks and says it would close',
      (it: Socket) => it.end(`${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
      'reply_incomplete',
    ],
    ['sends endless headers', (it: Socket) => it.write(`${HEAD}x: ${'a'.repeat(40_000)}\r\n\r\n`), 'reply_too_large'],
  ] as const)('a server that %s', async (_, behave, reason) => {
    const { url, seen } = await givenRawServer((socket) => behave(socket))
    const timeoutMs = reason === 'timeout' ? 300 : 5_000
    expect(await givenOutbound().send(post(url), { timeoutMs, guard: 'gateway' })).toEqual({ kind: 'no_reply', reason })
    expect(seen.requests).toBe(1)
  })

  test.each([
    ['a counted body', 'content-length: 9\r\n\r\nhalf'],
    ['chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['a counted body on a closing connection', 'connection: close\r\ncontent-length: 9\r\n\r\nhalf'],
    ['chunks on a closing connection', 'connection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['a body without a length', 'connection: close\r\n\r\nhalf'],
  ])('a reset in the middle of %s', async (_, rest) => {
    const { url } = await givenRawServer((socket) => {
      // When bytes and reset reach libuv together it reports a plain end, so the bytes get a head start.
      socket.write(`${HEAD}${rest}`, () => setTimeout(() => socket.resetAndDestroy(), 50))
    })
    const reply = await givenOutbound().send(post(url), FIVE_SECONDS)
    expect(reply).toEqual({ kind: 'no_reply', reason: 'reply_incomplete' })
  })

  test.each(['GET', 'POST', 'DELETE'] as const)(
    'a reset on a connection that is used again, and %s is not sent twice',
    async (method) => {
      const { url, seen } = await givenRawServer((socket, count) => {
        if (count === 1) socket.write(`${HEAD}content-length: 0\r\n\r\n`)
        else socket.resetAndDestroy()
      })
      const outbound = givenOutbound()
      const request: WireRequest = { method, url, headers: {} }
      expect((await outbound.send(request, FIVE_SECONDS)).kind).toBe('reply')
      await untilReusable()
      expect(await outbound.send(request, FIVE_SECONDS)).toEqual({ kind: 'no_reply', reason: 'reset' })
      expect(seen).toEqual({ requests: 2, connections: 1 })
    },
  )

  test('a connection that was closed while idle costs nothing: a fresh one is used', async () => {
    const { url, seen } = await givenRawServer((socket, count) => {
      socket.write(`${HEAD}content-length: 0\r\n\r\n`)
      if (count === 1) socket.end()
    })
    const outbound = givenOutbound()
    expect((await outbound.send(post(url), FIVE_SECONDS)).kind).toBe('reply')
    expect((await outbound.send(post(url), FIVE_SECONDS)).kind).toBe('reply')
    expect(seen).toEqual({ requests: 2, connections: 2 })
  })
})

describe('hostile replies', () => {
  test('one byte at a time is bounded by the deadline, and others are not held up', async () => {
    const { url } = await givenRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n')
      const dripping = setInterval(() => socket.write('a'), 20)
      socket.on('close', () => clearInterval(dripping))
    })
    const other = await givenServer((_, response) => response.end('ok'))
    const outbound = givenOutbound()
    const slow = outbound.send(post(url), { timeoutMs: 300, guard: 'merchant' })
    expect(bodyOf(await outbound.send(post(other.url), FIVE_SECONDS))).toBe('ok')
    expect(await slow).toEqual({ kind: 'no_reply', reason: 'timeout' })
  })

  test('an endless body is cut at the cap and the connection is closed', async () => {
    let sent = 0
    const { url } = await givenRawServer((socket) => {
      const chunk = Buffer.alloc(16_384, 'a')
      const pour = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
      }
      socket.on('drain', pour)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      pour()
    })
    const reply = await givenOutbound().send(post(url), FIVE_SECONDS)
    expect(reply).toEqual({ kind: 'no_reply', reason: 'reply_too_large' })
    expect(sent).toBeLessThan(50_000_000)
  })

  test('a body is taken up to the cap, exactly', async () => {
    const { url } = await givenServer((request, response) => {
      response.end('a'.repeat(Number.parseInt(request.url?.slice(1) ?? '', 10)))
    })
    const outbound = givenOutbound()
    const send = (length: number, cap: Partial<SendOptions>) =>
      outbound.send(post(`${url}/${length}`), { ...FIVE_SECONDS, ...cap })
    expect(bodyOf(await send(65_536, {}))).toHaveLength(65_536)
    expect(await send(65_537, {})).toEqual({ kind: 'no_reply', reason: 'reply_too_large' })
    expect(bodyOf(await send(10, { maxReplyBytes: 10 }))).toHaveLength(10)
    expect(await send(11, { maxReplyBytes: 10 })).toEqual({ kind: 'no_reply', reason: 'reply_too_large' })
    expect(bodyOf(await send(0, { maxReplyBytes: 0 }))).toBe('')
  })

  test('a packed body is never unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const { url } = await givenServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    const reply = await givenOutbound().send(post(url), FIVE_SECONDS)
    expect(reply).toMatchObject({ kind: 'reply', status: 200, headers: { 'content-encoding': 'gzip' } })
    expect(bodyOf(reply).length).toBeLessThanOrEqual(bomb.length)
  })
})
