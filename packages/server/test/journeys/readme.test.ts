// The first payment of README.md, run by a shell as a reader would paste it, against a server with a demo.json in the
// folder where the reader stands. Machines without curl get a stand-in that knows the flags of README.md and no more.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../../src/testing/project-source.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startTestServer()
  folder = await mkdtemp(join(tmpdir(), 'purser-readme-'))
  await mkdir(join(folder, '.purser'))
  await writeFile(join(folder, '.purser', 'demo.json'), JSON.stringify(server.demo))
  if (!(await hasCurl())) await writeStandIn(join(folder, 'bin'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await server.close()
})

function firstPayment(): string {
  const block = /## First payment[^]*?```sh\n([^]*?)```/.exec(textOf('README.md'))?.[1]
  if (block === undefined) throw new Error('README.md has no block of shell under "First payment".')
  return block
}

function hasCurl(): Promise<boolean> {
  return new Promise((resolve) => execFile('curl', ['--version'], (failure) => resolve(failure === null)))
}

async function writeStandIn(bin: string): Promise<void> {
  const program = `#!${process.execPath}
const given = { H: [] }
const args = process.argv.slice(2)
while (args.length > 0) {
  const [argument] = args.splice(0, 1)
  if (argument === '-sSw') given.w = args.shift()
  else if (argument === '-H') given.H.push(args.shift().split(/: (.*)/s).slice(0, 2))
  else if (argument === '-d') given.d = args.shift()
  else given.url = argument
}
const method = given.d === undefined ? 'GET' : 'POST'
const answer = await fetch(given.url, { method, headers: given.H, body: given.d })
process.stdout.write((await answer.text()) + given.w.replaceAll('\\\\n', '\\n'))
`
  await mkdir(bin)
  await writeFile(join(bin, 'curl.mjs'), program)
  await writeFile(join(bin, 'curl'), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, 'curl.mjs')}' "$@"\n`)
  await chmod(join(bin, 'curl'), 0o755)
}

function runShell(script: string): Promise<{ readonly out: string; readonly error: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${join(folder, 'bin')}` }
    const shell = execFile('sh', ['-e'], { cwd: folder, timeout: 20_000, env }, (failure, out, error) => {
      if (failure === null) resolve({ out, error })
      else reject(new Error(`${failure.message}\n${out}\n${error}`))
    })
    // As pasted: read from the terminal, line by line.
    shell.stdin?.end(script)
  })
}

describe('README.md', () => {
  test('makes a first payment in five lines', () => {
    expect(firstPayment().trim().split('\n')).toHaveLength(5)
  })

  test.each(['once', 'and again'])('shows a payment that is captured and an order that is paid, %s', async () => {
    const { out, error } = await runShell(firstPayment())
    expect(error).toBe('')
    const [payment, order, ...more] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(more).toEqual([])
    expect(payment).toMatchObject({ object: 'payment', status: 'captured', amount: 49_900, currency: 'INR' })
    expect(order).toMatchObject({ object: 'order', status: 'paid', amount_captured: 49_900 })
    expect(order?.['id']).toBe(payment?.['order_id'])
  })
})
