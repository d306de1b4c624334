// `npm start -- verify`: the checker at the terminal. With the embedded database it runs while Purser is stopped; with
// DATABASE_URL it may run beside it. The demo's sandbox gateway is asked for its book over HTTP, like any stranger: the
// running one, or, while nothing runs, one that serves the book alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { DemoFile } from './demo-merchant.ts'
import { createOutbound } from './http/client.ts'
import { parseTargetPolicy } from './http/target-guard.ts'
import { systemClock } from './kernel/clock.ts'
import { serveBook } from './sandbox-gateway/index.ts'
import { createPool } from './store/db.ts'
import type { ConnectionOptions } from './store/db.ts'
import type { GatewayBook } from './verify/gateway-book.ts'
import { sandboxBook } from './verify/sandbox-book.ts'
import { verifyAll } from './verify/verify.ts'
import type { VerifyReport } from './verify/verify.ts'

const TIMEOUT_MS = 30_000
const LARGEST_PAGE_BYTES = 8 * 1024 * 1024

/** Answers whether everything holds. `say` gets a line per claim and one per violation. */
export async function verifyCommand(
  where: {
    readonly admin: pg.ClientConfig
    readonly connection: ConnectionOptions
    readonly dataDir: string
    readonly isRunning: boolean
  },
  say: (line: string) => void,
): Promise<boolean> {
  const demo = await readDemo(where.dataDir)
  const client = new pg.Client(where.admin)
  await client.connect()
  const outbound = createOutbound({ policy: parseTargetPolicy('127.0.0.0/8,::1/128') })
  const pool = createPool(where.connection, 'purser_sandbox', 'sandbox')
  const served = demo === undefined || where.isRunning ? undefined : await serveBook({ pool, clock: systemClock })
  try {
    const books: GatewayBook[] = []
    if (demo !== undefined) {
      const { baseUrl, adminToken } = served ?? { baseUrl: demo.base_url, adminToken: demo.sandbox.admin_token }
      books.push(
        sandboxBook({
          gatewayAccountId: demo.gateway_account_id,
          sandboxAccountId: demo.sandbox.account_id,
          get: async (path) => {
            const headers = { authorization: `Bearer ${adminToken}` }
            const request = { method: 'GET', url: `${baseUrl}${path}`, headers } as const
            const options = { timeoutMs: TIMEOUT_MS, maxReplyBytes: LARGEST_PAGE_BYTES, guard: 'gateway' } as const
            const reply = await outbound.send(request, options)
            if (reply.kind === 'reply' && reply.status === 200) return reply.body
            throw new Error(`The sandbox gateway's book cannot be read: ${JSON.stringify(reply).slice(0, 200)}`)
          },
        }),
      )
    }
    const report = await verifyAll(client, { gatewayBooks: books, progress: say })
    for (const line of summaryOf(report)) say(line)
    return report.violationCount === 0
  } finally {
    await served?.close()
    await outbound.close()
    await pool.end()
    await client.end()
  }
}

function summaryOf(report: VerifyReport): readonly string[] {
  const { violations, violationCount, claims, rows, gatewayBooks } = report
  const lines = violations.map(
    ({ invariant, merchantId, mode, object, what }) => `${invariant}  ${merchantId} ${mode} ${object}: ${what}`,
  )
  const counted = Object.entries(rows).map(([table, count]) => `${count} ${table.replaceAll('_', ' ')}`)
  return [
    ...lines,
    `Looked at ${counted.join(', ')}; ${gatewayBooks.compared} payments compared with a gateway's book.`,
    violationCount === 0
      ? `All ${claims} claims hold.`
      : `${violationCount} violations. Nothing was changed; a person has to look.`,
  ]
}

async function readDemo(dataDir: string): Promise<DemoFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as DemoFile
  } catch {
    return undefined
  }
}
