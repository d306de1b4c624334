// Runs the checker over a test server's database and over the book of its sandbox gateway, as the proof suites do after
// every round of faults.
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
