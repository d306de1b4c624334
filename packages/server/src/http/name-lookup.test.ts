import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { createDnsLookup, findInHosts } from './name-lookup.ts'

const TYPE_A = 1
const TYPE_AAAA = 28
const NAME_ERROR = 3

type Answer = readonly number[][] | 'name_error' | 'silence'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A name server on loopback that answers by record type. */
async function givenNameServer(answer: (type: number) => Answer): Promise<string> {
  const socket = createSocket('udp4')
  closers.push(() => socket.close())
  socket.on('message', (query, from) => {
    const question = query.subarray(12)
    const nameLength = question.indexOf(0) + 1
    const records = answer(question.readUInt16BE(nameLength))
    if (records === 'silence') return
    const failed = records === 'name_error'
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | (failed ? NAME_ERROR : 0), 2)
    header.writeUInt16BE(failed ? 0 : records.length, 6)
    header.fill(0, 8)
    const type = question.subarray(nameLength, nameLength + 2)
    const answers = (failed ? [] : records).map((bytes) =>
      Buffer.concat([Buffer.from([0xc0, 12]), type, Buffer.from([0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes])]),
    )
    socket.send(Buffer.concat([header, question.subarray(0, nameLength + 4), ...answers]), from.port)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

const SIX = [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 7]

describe('looking up a name that a merchant chose', () => {
  test('every address of both families comes back, IPv4 first', async () => {
    const server = await givenNameServer((type) =>
      type === TYPE_A
        ? [
            [192, 0, 2, 1],
            [192, 0, 2, 2],
          ]
        : [SIX],
    )
    const look = createDnsLookup({ servers: [server] })
    expect([...(await look('shop.example'))].sort()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::7'])
    expect((await look('shop.example')).at(-1)).toBe('2001:db8::7')
  })

  test('a name that does not exist has no address', async () => {
    const server = await givenNameServer(() => 'name_error')
    expect(await createDnsLookup({ servers: [server] })('nowhere.example')).toEqual([])
  })

  test('a name server that fails for one family does not hide the other', async () => {
    const server = await givenNameServer((type) => (type === TYPE_AAAA ? 'silence' : [[192, 0, 2, 1]]))
    expect(await createDnsLookup({ servers: [server], timeoutMs: 20 })('shop.example')).toEqual(['192.0.2.1'])
  })

  test('a silent name server ends in an error, soon', async () => {
    const server = await givenNameServer(() => 'silence')
    await expect(createDnsLookup({ servers: [server], timeoutMs: 20 })('shop.example')).rejects.toThrow('ETIMEOUT')
  })

  test.each(['localhost', 'LOCALHOST', 'localhost.', 'app.localhost'])(
    '%s is loopback without asking',
    async (name) => {
      const server = await givenNameServer(() => [[192, 0, 2, 1]])
      expect(await createDnsLookup({ servers: [server] })(name)).toEqual(['127.0.0.1', '::1'])
    },
  )

  test('the hosts file wins over DNS, and a missing one is no trouble', async () => {
    const hosts = '# comment\n10.1.2.3\tbilling.local  Billing # 10.9.9.9 billing\nfe80::1%lo0 other\n::1 billing\n'
    expect(findInHosts(hosts, 'billing')).toEqual(['10.1.2.3', '::1'])
    expect(findInHosts(hosts, 'other')).toEqual(['fe80::1%lo0'])
    expect(findInHosts(hosts, 'absent')).toEqual([])
    const server = await givenNameServer((type) => (type === TYPE_A ? [[192, 0, 2, 1]] : []))
    const look = createDnsLookup({ servers: [server], hostsFile: '/nonexistent/hosts' })
    expect(await look('shop.example')).toEqual(['192.0.2.1'])
  })
})
