// The gateway as a process of its own: started like the proof suites start it, killed, and started again.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loose } from '../testing/running-sandbox.ts'
import { paymentBody } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let home: string
const started: ChildProcess[] = []

beforeAll(async () => {
  database = await openTestDatabase()
  home = await mkdtemp(join(tmpdir(), 'sandbox-gateway-'))
  await writeFile(join(home, 'token'), 'a-token-of-this-test\n')
})
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(home, { recursive: true, force: true })
  await database.close()
})

test('keeps every payment that it acknowledged through a kill', async () => {
  // A database without the schema: the process makes it.
  await database.pools.owner.query('drop schema sandbox cascade')
  const first = await start()
  const account = (await admin(first.url, 'POST', '/accounts', { name: 'Test' })) as Loose
  const body = paymentBody()
  const made = (await call(first.url, account.api_key, 'POST', '/v1/payments', body)) as Loose
  expect(made.status).toBe('PAID')
  await ended(first.child, 'SIGKILL')

  const second = await start()
  expect(await call(second.url, account.api_key, 'GET', `/v1/payments/by-reference/${body.reference}`)).toEqual(made)
  expect(await ended(second.child, 'SIGTERM')).toBe(0)
})

test('stops when whoever started it is gone', async () => {
  const { child } = await start()
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  expect(await exit).toBe(0)
})

test('says what is missing instead of starting', async () => {
  const child = spawn(process.execPath, [...ARGUMENTS, '--port', '99999'], { stdio: 'pipe' })
  const said: string[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1)
  expect(said.join('')).toContain('Give --database and --admin-token-file.')
})

const ARGUMENTS = ['--import', 'tsx', '-C', 'source', fileURLToPath(new URL('main.ts', import.meta.url))]

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const { host, port, superuser } = database.address
  const url = `postgres://${superuser}@/${database.name}?host=${encodeURIComponent(host)}&port=${port}`
  const child = spawn(
    process.execPath,
    [...ARGUMENTS, '--database', url, '--admin-token-file', join(home, 'token'), '--stop-with-stdin'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  started.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it was ready.`)))
  })
  return { child, url: (JSON.parse(line) as { url: string }).url }
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.kill(signal)
  })
}

function admin(url: string, method: string, path: string, body?: object) {
  return call(url, 'a-token-of-this-test', method, path, body)
}

async function call(url: string, token: string, method: string, path: string, body?: object): Promise<unknown> {
  const reply = await fetch(`${url}/sandbox${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return reply.json()
}
