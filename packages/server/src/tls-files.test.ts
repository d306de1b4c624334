// What an operator gives as certificate and key, right and wrong, and the port that it opens.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from './config.ts'
import type { TlsFiles } from './http/tls-listener.ts'
import { startTestServer } from './testing/start-server.ts'
import { makeTlsPair } from './testing/tls-pair.ts'
import { readTlsFiles } from './tls-files.ts'

let folder: string
let pair: TlsFiles

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-tls-'))
  pair = await makeTlsPair()
  const { key: otherKey } = await makeTlsPair()
  const cipher = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'locked' } as const
  const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(cipher).toString()
  const files = { 'cert.pem': pair.cert, 'key.pem': pair.key, 'other.pem': otherKey, 'locked.pem': locked, empty: '' }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function problemsOf(cert: string, key: string): Promise<readonly string[]> {
  try {
    await readTlsFiles({ cert: join(folder, cert), key: join(folder, key), port: 0 })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('A certificate and its key', () => {
  test('are read when they belong together', async () => {
    expect(await readTlsFiles({ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), port: 0 })).toEqual(pair)
  })

  test.each([
    ['nowhere.pem', 'key.pem', ['PURSER_TLS_CERT names a file that is not there.']],
    [
      'nowhere.pem',
      'nobody.pem',
      ['PURSER_TLS_CERT names a file that is not there.', 'PURSER_TLS_KEY names a file that is not there.'],
    ],
    ['.', 'key.pem', ['PURSER_TLS_CERT names a file that cannot be read (EISDIR).']],
    ['empty', 'key.pem', ['PURSER_TLS_CERT names a file without a certificate in PEM form.']],
    ['key.pem', 'key.pem', ['PURSER_TLS_CERT names a file without a certificate in PEM form.']],
    ['cert.pem', 'cert.pem', ['PURSER_TLS_KEY names a file without an unencrypted private key in PEM form.']],
    ['cert.pem', 'locked.pem', ['PURSER_TLS_KEY names a file without an unencrypted private key in PEM form.']],
    [
      'cert.pem',
      'other.pem',
      ['PURSER_TLS_KEY is not the key of the certificate in PURSER_TLS_CERT: they do not match.'],
    ],
  ])('are refused as %s with %s', async (cert, key, problems) => {
    expect(await problemsOf(cert, key)).toEqual(problems)
  })
})

describe('The TLS port', () => {
  test('serves the same API, drops who does not speak TLS, and ends with the server', async () => {
    const server = await startTestServer({ tls: pair })
    const url = server.demo.tls_url ?? ''
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: `Bearer ${server.secretKey}` }
      get(`${url}/v1/orders`, { ca: pair.cert, headers }, (reply) => {
        reply.resume().on('end', () => resolve(reply.statusCode))
      }).on('error', reject)
    })
    expect(answer).toBe(200)
    const plain = await new Promise<string>((resolve) => {
      const socket = connect(Number.parseInt(new URL(url).port, 10), '127.0.0.1')
      let said = ''
      socket.on('data', (chunk) => (said += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(said))
      socket.write('GET /v1/orders HTTP/1.1\r\nhost: localhost\r\n\r\n')
    })
    expect(plain).not.toContain('HTTP/1.1')
    expect(server.errors).toEqual([])
    await server.close()
    await expect(fetch(`${url}/health/live`)).rejects.toThrow()
  })
})
