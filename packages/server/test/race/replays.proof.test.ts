// The same request again and again: the first one acts, every other one gets its bytes. Sixty-four callers at the same
// instant, then thousands of repeats, over every kind of write that moves money.
import { randomUUID } from 'node:crypto'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'

const SAME_INSTANT = 64
const REPEATS = 250
const LANES = 16

type Said = { readonly status: number; readonly text: string }

proof('replays', { push: 20_000, nightly: 300_000, release: 1_000_000 }, async (run) => {
  const server = await startTestServer({ poolSize: 20 })
  const count = { replays: 0, sameInstant: 0, keys: 0 }
  try {
    while (count.replays < run.goal && !run.isOver()) {
      for (const write of await writes(server)) {
        const faults = await repeat(server, write, count)
        if (faults.length > 0) throw violation('replays', run.seed, faults)
      }
      run.progress(`${count.replays} replays`)
    }
    const faults = [...(await judge(server)), ...server.errors.map((error) => error.message)]
    if (faults.length > 0) throw violation('replays', run.seed, faults)
  } finally {
    await server.close()
  }
  return { counts: count, seeds: 1 }
})

type Write = { readonly path: string; readonly body: string }

async function writes(server: TestServer): Promise<readonly Write[]> {
  const merchant = merchantClient(server)
  const card = JSON.stringify({ instrument: { method: 'card', token: 'tok_approve' } })
  const captured = await merchant.pay()
  const held = await merchant.pay({ capture: 'manual' })
  return [
    { path: '/v1/orders', body: JSON.stringify({ reference: `replay-${randomUUID()}`, amount: 500, currency: 'INR' }) },
    { path: `/v1/orders/${await merchant.order()}/payments`, body: card },
    { path: `/v1/payments/${captured.paymentId}/refunds`, body: JSON.stringify({ amount: 100, reason: 'other' }) },
    { path: `/v1/payments/${held.paymentId}/capture`, body: JSON.stringify({ amount: 100, final: false }) },
  ]
}

async function repeat(server: TestServer, write: Write, count: { replays: number; sameInstant: number; keys: number }) {
  const key = randomUUID()
  const send = async (): Promise<Said> => {
    const response = await fetch(server.baseUrl + write.path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.secretKey}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: write.body,
    })
    return { status: response.status, text: await response.text() }
  }
  const faults: string[] = []
  const first = await Promise.all(Array.from({ length: SAME_INSTANT }, send))
  const made = first.find((said) => said.status < 300)
  if (made === undefined) return [`${write.path}: nobody of ${SAME_INSTANT} got through: ${first[0]?.text}`]
  const compare = (said: Said, mayWait: boolean) => {
    if (mayWait && said.status === 409) return
    if (said.status !== made.status || said.text !== made.text) {
      faults.push(`${write.path}: ${said.status} ${said.text} instead of ${made.status} ${made.text}`)
    }
  }
  for (const said of first) compare(said, true)
  let left = REPEATS
  const lane = async () => {
    for (; left > 0; left -= 1) compare(await send(), false)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  count.keys += 1
  count.sameInstant += SAME_INSTANT
  count.replays += SAME_INSTANT + REPEATS - 1
  return faults
}

/** One effect per key, whatever was answered. */
async function judge(server: TestServer): Promise<string[]> {
  const { rows } = await server.db.pools.owner.query<{ what: string; count: number }>(
    `select 'payments of ' || order_id as what, count(*)::int as count from purser.payments group by order_id having count(*) > 1
     union all
     select 'refunds of ' || payment_id, count(*)::int from purser.refunds group by payment_id having count(*) > 1
     union all
     select 'captures of ' || payment_id, count(*)::int from purser.operations where kind = 'capture'
      group by payment_id having count(*) > 1`,
  )
  return rows.map(({ what, count }) => `${what}: ${count}`)
}
