// What the outbound client lets through once names, addresses and certificates are real. Only loopback is ever dialled.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import type { WireReply } from '../connectors/contract/wire.ts'
import { selfSignedCertificate } from '../testing/self-signed-certificate.ts'
import { createOutbound } from './client.ts'
import type { OutboundOptions } from './client.ts'
import { parseTargetPolicy } from './target-guard.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** Sends one POST with a client of its own. */
async function send(url: string, options: Partial<OutboundOptions>): Promise<WireReply> {
  const outbound = createOutbound({ policy: parseTargetPolicy('none'), ...options })
  closers.push(() => outbound.close())
  return outbound.send({ method: 'POST', url, headers: {}, body: '{}' }, { timeoutMs: 5_000, guard: 'merchant' })
}

/** Answers each request and closes; knows how many connections were opened. */
async function givenPlainServer() {
  const seen = { connections: 0 }
  const server = createTcpServer((socket) => {
    seen.connections += 1
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret'))
  })
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { seen, port: (server.address() as AddressInfo).port }
}

async function givenTlsServer(credentials: { cert: string; key: string }) {
  const seen: string[] = []
  const server = createServer(credentials, (request, response) => {
    seen.push(`${(request.socket as TLSSocket & { servername: string }).servername} ${request.headers.host}`)
    response.end('ok')
  })
  closers.push(() => server.closeAllConnections())
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { seen, port: (server.address() as AddressInfo).port }
}

const resolvingTo =
  (...addresses: string[]) =>
  async () =>
    addresses

describe('names', () => {
  test.each([
    ['localhost', '127.0.0.1'],
    ['localhost', '::1'],
    ['localhost.', '127.0.0.1'],
    ['LOCALHOST', '::1'],
    ['app.localhost', '127.0.0.1'],
    ['localhost.localdomain', '127.0.0.1'],
    ['ip6-localhost', '::1'],
    ['ip6-loopback', '::1'],
    ['localtest.example', '127.0.0.1'],
    ['127.0.0.1.nip.example', '127.0.0.1'],
    ['10-0-0-1.nip.example', '10.0.0.1'],
    ['metadata', '169.254.169.254'],
    ['metadata.google.internal', '169.254.169.254'],
    ['metadata.google.internal', 'fd20:ce::254'],
    ['instance-data.ec2.internal', '169.254.169.254'],
    ['kubernetes.default.svc', '10.96.0.1'],
    ['host.docker.internal', '192.168.65.254'],
    ['printer.local', '192.168.1.9'],
    ['cgnat.example', '100.64.0.1'],
    ['mapped.example', '::ffff:127.0.0.1'],
    ['mapped.example', '::ffff:a9fe:a9fe'],
    ['nat64.example', '64:ff9b::a9fe:a9fe'],
    ['sixtofour.example', '2002:7f00:1::'],
    ['zone.example', 'fe80::1%lo'],
    ['odd.example', '0x7f.1'],
    ['odd.example', '2130706433'],
    ['odd.example', 'localhost'],
    ['odd.example', ''],
  ])('%s that resolves to "%s" is refused at the connect', async (name, address) => {
    const reply = await send(`https://${name}:8443/`, { lookup: resolvingTo(address) })
    expect(reply).toEqual({ kind: 'not_sent', reason: 'address_refused' })
  })

  test('a name that changes its address is judged again at every connect, and is dialled as judged', async () => {
    const { seen, port } = await givenPlainServer()
    const answers = [['127.0.0.1'], ['127.0.0.1'], ['127.77.0.1'], ['127.0.0.1']]
    let lookups = 0
    const lookup = async () => answers[lookups++] ?? []
    const outbound = createOutbound({ policy: parseTargetPolicy('127.0.0.1'), lookup })
    closers.push(() => outbound.close())
    const request = { method: 'GET', url: `http://rebinding.test:${port}/`, headers: {} } as const
    const kinds: string[] = []
    for (const _ of answers) {
      const reply = await outbound.send(request, { timeoutMs: 5_000, guard: 'merchant' })
      kinds.push(reply.kind === 'reply' ? reply.body : reply.reason)
    }
    expect(kinds).toEqual(['secret', 'secret', 'address_refused', 'secret'])
    // Once per connection: there is no second look-up between the check and the dial that could answer otherwise.
    expect(lookups).toBe(4)
    expect(seen.connections).toBe(3)
  })

  test.each([
    ['127.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
    ['127.0.0.1', 'nonsense'],
  ])('one forbidden address among several refuses them all: %s and %s', async (...addresses) => {
    const { seen, port } = await givenPlainServer()
    const policy = parseTargetPolicy('127.0.0.1')
    const reply = await send(`http://mixed.test:${port}/`, { policy, lookup: resolvingTo(...addresses) })
    expect(reply).toEqual({ kind: 'not_sent', reason: 'address_refused' })
    expect(seen.connections).toBe(0)
  })

  test('plain http to a name reaches only what the operator opened, not the public', async () => {
    // In no one's hands, and global unicast by the rules.
    const lookup = resolvingTo('2d00::1')
    const reply = await send('http://public.test/', { policy: parseTargetPolicy('127.0.0.1'), lookup })
    expect(reply).toEqual({ kind: 'not_sent', reason: 'address_refused' })
  })

  test('the next address is tried when the first does not listen', async () => {
    const { port } = await givenPlainServer()
    const policy = parseTargetPolicy('127.0.0.0/8')
    const reply = await send(`http://two.test:${port}/`, { policy, lookup: resolvingTo('127.77.0.1', '127.0.0.1') })
    expect(reply).toMatchObject({ kind: 'reply', body: 'secret' })
  })

  test('a name without an address, and a look-up that fails, sent nothing', async () => {
    const failing = () => Promise.reject(Object.assign(new Error('SERVFAIL'), { code: 'ESERVFAIL' }))
    for (const lookup of [resolvingTo(), failing]) {
      expect(await send('https://nowhere.test/', { lookup })).toEqual({ kind: 'not_sent', reason: 'dns_failed' })
    }
  })

  test('localhost works for merchants once loopback is open, whatever name servers there are', async () => {
    const { port } = await givenPlainServer()
    const reply = await send(`http://localhost:${port}/`, { policy: parseTargetPolicy('127.0.0.0/8,::1') })
    expect(reply).toMatchObject({ kind: 'reply', body: 'secret' })
  })

  test('each connection to an address that the operator opened is told', async () => {
    const { port } = await givenPlainServer()
    const uses: unknown[] = []
    await send(`http://shop.test:${port}/`, {
      policy: parseTargetPolicy('127.0.0.1'),
      lookup: resolvingTo('127.0.0.1'),
      onOpenedTarget: (use) => uses.push(use),
    })
    expect(uses).toEqual([{ guard: 'merchant', host: 'shop.test', address: '127.0.0.1' }])
  })
})

describe('certificates', () => {
  const policy = parseTargetPolicy('127.0.0.1')
  const lookup = resolvingTo('127.0.0.1')
  const shop = selfSignedCertificate(['shop.test'])
  const TLS_FAILED = { kind: 'not_sent', reason: 'tls_failed' }

  test('the checked address is dialled while TLS and the Host header keep the name', async () => {
    const { seen, port } = await givenTlsServer(shop)
    const reply = await send(`https://shop.test:${port}/`, { policy, lookup, trustedRoots: [shop.cert] })
    expect(reply).toMatchObject({ kind: 'reply', body: 'ok' })
    expect(seen).toEqual([`shop.test shop.test:${port}`])
  })

  test('a certificate of another name is refused before anything is sent', async () => {
    const { seen, port } = await givenTlsServer(shop)
    expect(await send(`https://other.test:${port}/`, { policy, lookup, trustedRoots: [shop.cert] })).toEqual(TLS_FAILED)
    expect(await send(`https://127.0.0.1:${port}/`, { policy, lookup, trustedRoots: [shop.cert] })).toEqual(TLS_FAILED)
    expect(seen).toEqual([])
  })

  test('a certificate that nobody trusts is refused, even when the environment says to trust all', async () => {
    const { seen, port } = await givenTlsServer(shop)
    expect(await send(`https://shop.test:${port}/`, { policy, lookup })).toEqual(TLS_FAILED)
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect(await send(`https://shop.test:${port}/`, { policy, lookup })).toEqual(TLS_FAILED)
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    expect(seen).toEqual([])
  })

  test('an expired certificate is refused', async () => {
    const expired = selfSignedCertificate(['shop.test'], { expired: true })
    const { seen, port } = await givenTlsServer(expired)
    const reply = await send(`https://shop.test:${port}/`, { policy, lookup, trustedRoots: [expired.cert] })
    expect(reply).toEqual(TLS_FAILED)
    expect(seen).toEqual([])
  })

  test('a server without TLS gets no request in the clear', async () => {
    const received: string[] = []
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        received.push(bytes.toString('latin1'))
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      })
    })
    closers.push(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const reply = await send(`https://shop.test:${(server.address() as AddressInfo).port}/`, { policy, lookup })
    expect(reply).toEqual(TLS_FAILED)
    expect(received.join('')).not.toContain('POST')
  })

  test('a server that hangs up during the handshake got nothing', async () => {
    const server = createTcpServer((socket) => socket.destroy())
    closers.push(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const reply = await send(`https://shop.test:${(server.address() as AddressInfo).port}/`, { policy, lookup })
    expect(reply).toEqual({ kind: 'not_sent', reason: 'connect_failed' })
  })
})
