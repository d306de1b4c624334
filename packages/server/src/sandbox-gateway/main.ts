// The gateway as a process of its own, with a database of its own: how the proof suites run it, so that killing Purser
// leaves the other book alone. It prints one line of JSON once it answers, and stops on SIGTERM, SIGINT or, when told
// to, at the end of its standard input, which is when whoever started it is gone.
//
//   node main.ts --database postgres://… --admin-token-file token [--host 127.0.0.1] [--port 0] [--stop-with-stdin]
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { systemClock } from '../kernel/clock.ts'
import { sandboxGateway } from './gateway.ts'
import type { SandboxOptions } from './options.ts'
import { GatewayRefusal, refusalBody } from './refusal.ts'
import { sendNotification } from './send.ts'
import { migrateSandbox } from './store/migrate.ts'
import { openGatewayPool } from './store/pool.ts'
import { startSandboxWorkers } from './workers.ts'

const POOL_SIZE = 10

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      database: { type: 'string' },
      'admin-token-file': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      'stop-with-stdin': { type: 'boolean', default: false },
    },
  })
  const { database, host } = values
  const tokenFile = values['admin-token-file']
  if (database === undefined || tokenFile === undefined) throw new Error('Give --database and --admin-token-file.')
  const port = /^\d{1,5}$/.test(values.port) ? Number.parseInt(values.port, 10) : -1
  if (port < 0 || port > 65_535) throw new Error('--port must be a whole number from 0 to 65535.')

  // The first start may need a login that can make the role and the schema; after that everything runs as the role.
  const setup = openGatewayPool(database, { asRole: false, size: 1 })
  try {
    await migrateSandbox(setup)
  } finally {
    await setup.end()
  }
  const pool = openGatewayPool(database, { asRole: true, size: POOL_SIZE })
  const adminToken = (await readFile(tokenFile, 'utf8')).trim()

  let baseUrl = ''
  const options: SandboxOptions = {
    pool,
    adminToken,
    send: sendNotification,
    clock: systemClock,
    baseUrl: () => baseUrl,
    onError: (what, error) => process.stderr.write(`${what} ${error instanceof Error ? error.message : ''}\n`),
  }
  const workers = startSandboxWorkers(options)
  const app = Fastify({ routerOptions: { maxParamLength: 512 } })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(refusalBody(new GatewayRefusal('NOT_FOUND'))))
  await app.register(sandboxGateway, { ...options, workers })
  baseUrl = await app.listen({ host, port })
  process.stdout.write(`${JSON.stringify({ url: baseUrl, pid: process.pid })}\n`)

  await toldToStop(values['stop-with-stdin'])
  // An open pipe would keep the process.
  process.stdin.destroy()
  await app.close()
  await workers.stop()
  await pool.end()
}

function toldToStop(withStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
    if (!withStdin) return
    process.stdin.once('end', () => resolve())
    process.stdin.once('error', () => resolve())
    process.stdin.resume()
  })
}

try {
  await main()
} catch (error) {
  process.stderr.write(`The sandbox gateway cannot run: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
