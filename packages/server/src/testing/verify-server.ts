// Runs the checker over a test server's database and over the book of its sandbox gateway, as the proof suites do after
// every round of faults.
import type { PoolClient } from 'pg'
import type { VerifyClient } from '../store/verify/snapshot.ts'
import type { GatewayBook, TheirPayment } from '../verify/gateway-book.ts'
import { sandboxBook } from '../verify/sandbox-book.ts'
import { verifyAll } from '../verify/verify.ts'
import type { VerifyReport } from '../verify/verify.ts'
import type { TestServer } from './start-server.ts'

/** Everything that a server's demo merchant did; call once nothing is due any more. */
export async function verifyServer(
  server: TestServer,
  options: { isQuiet?: boolean; books?: readonly GatewayBook[] } = {},
): Promise<VerifyReport> {
  const client = await server.db.pools.owner.connect()
  try {
    const { books = [], ...rest } = options
    return await verifyAll(client, { ...rest, gatewayBooks: [gatewayBookOf(server), ...books] })
  } finally {
    client.release()
  }
}

export function gatewayBookOf(server: TestServer): GatewayBook {
  const { account_id: sandboxAccountId, admin_token: token } = server.demo.sandbox
  return sandboxBook({
    gatewayAccountId: server.demo.gateway_account_id,
    sandboxAccountId,
    get: async (path) => {
      const reply = await fetch(`${server.baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
      if (!reply.ok) throw new Error(`The sandbox answered ${reply.status}: ${await reply.text()}`)
      return reply.text()
    },
  })
}

/**
 * What the checker says while the damage is there, done as only a superuser with triggers switched off can; it is
 * rolled back afterwards. The last of the statements must change something.
 */
export async function verifyWithDamage(
  client: PoolClient,
  books: readonly GatewayBook[],
  damage: string,
): Promise<VerifyReport> {
  await client.query('begin')
  try {
    await client.query('set local session_replication_role = replica')
    await client.query('set local search_path = purser')
    let changed: number | null = 0
    for (const statement of damage.split(';').filter((text) => text.trim() !== '')) {
      const { rowCount } = await client.query(statement)
      changed = rowCount
    }
    if (changed === 0) throw new Error(`Nothing was damaged: ${damage}`)
    const inside = {
      query: (text: string, values?: unknown[]) =>
        /^(begin|rollback)/.test(text) ? Promise.resolve({ rows: [] }) : client.query(text, values),
    }
    return await verifyAll(inside as VerifyClient, { gatewayBooks: books, isQuiet: true })
  } finally {
    await client.query('rollback')
  }
}

/** The same book after the gateway is gone. */
export async function keepBook(book: GatewayBook): Promise<GatewayBook & { readonly payments: TheirPayment[] }> {
  const payments: TheirPayment[] = []
  for await (const payment of book.read()) payments.push(payment)
  return {
    gatewayAccountId: book.gatewayAccountId,
    payments,
    async *read() {
      yield* payments
    },
  }
}
