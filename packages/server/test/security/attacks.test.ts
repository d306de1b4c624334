// What an attacker found, and what now stops it.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../../src/connectors/contract/connector.ts'
import { applyDueNotifications } from '../../src/jobs/apply-notifications.ts'
import { oneByOne } from '../../src/jobs/one-by-one.ts'
import { GatewayAccountId, OrderId } from '../../src/kernel/ids.ts'
import { connectGatewayAccount, createApiKeys } from '../../src/operations/create-merchant.ts'
import type { Deps } from '../../src/operations/deps.ts'
import { openGatewayAccount } from '../../src/operations/gateway.ts'
import { startPayment } from '../../src/operations/start-payment.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(() => server.close())

const CARD = { method: 'card', token: 'tok_approve' } as const

async function payerOf(orderId: string) {
  const { body } = await merchant.post(`/v1/orders/${orderId}/sessions`, {})
  const pay = async (key: string) => {
    const response = await fetch(`${server.baseUrl}/sdk/v1/payments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${String(body['client_token'])}`,
        'idempotency-key': key,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ instrument: CARD }),
    })
    return (await response.json()) as { id: string; amount: number; order_id?: string }
  }
  return { pay }
}

describe('Payers of one merchant', () => {
  test('who choose the same Idempotency-Key each pay their own order', async () => {
    const [first, second] = [await payerOf(await merchant.order(10_000)), await payerOf(await merchant.order(99_900))]
    const [a, b] = [await first.pay('attempt-1'), await second.pay('attempt-1')]
    expect([a.amount, b.amount]).toEqual([10_000, 99_900])
    expect((await first.pay('attempt-1')).id).toBe(a.id)
  })
})

describe('Live mode that is off', () => {
  test('makes no live key and no live account, and a key made while it was on opens nothing', async () => {
    const { deps } = server.runtime
    const live = { merchantId: server.merchantId, mode: 'live' } as const
    await expect(createApiKeys(deps, live, 'x')).rejects.toMatchObject({ code: 'live_mode_off' })
    const account = { connector: 'sandbox', label: 'x', credentials: {} }
    await expect(connectGatewayAccount(deps, live, account)).rejects.toMatchObject({ code: 'live_mode_off' })
    const { secretKey } = await createApiKeys({ ...deps, live: true }, live, 'made while it was on')
    const response = await fetch(`${server.baseUrl}/v1/orders`, { headers: { authorization: `Bearer ${secretKey}` } })
    expect(response.status).toBe(401)
  })

  test('that is on still refuses the sandbox, which moves no money', async () => {
    const deps = { ...server.runtime.deps, live: true }
    const live = { merchantId: server.merchantId, mode: 'live' } as const
    const account = { connector: 'sandbox', label: 'x', credentials: {} }
    await expect(connectGatewayAccount(deps, live, account)).rejects.toMatchObject({ code: 'test_mode_only' })
  })
})

describe('A gateway', () => {
  test('that answers with somebody else’s payment is not believed', async () => {
    const other = await merchant.pay()
    const voice = await gatewayVoice(server)
    const foreign = JSON.stringify(await voice.payment(other.paymentId))
    const deps: Deps = {
      ...server.runtime.deps,
      sendToGateway: () => Promise.resolve({ kind: 'reply', status: 201, headers: {}, body: foreign }),
    }
    const orderId = OrderId.parse(await merchant.order())
    const payment = await startPayment(deps, server.actor, { orderId, instrument: CARD })
    expect(payment.status).toBe('unknown')
    const { body } = await merchant.get(`/v1/payments/${payment.id}/timeline`)
    expect(body['conflicts']).toHaveLength(1)
    expect((await merchant.get(`/v1/orders/${orderId}`)).body['amount_captured']).toBe(0)
  })

  test('is not sent a call that stood still for so long that it counts as never made', async () => {
    const { deps } = server.runtime
    let ms = 0
    const stoodStill: Deps = { ...deps, clock: { ...deps.clock, monotonicMs: () => (ms += 50_000) } }
    const orderId = OrderId.parse(await merchant.order())
    const started = startPayment(stoodStill, server.actor, { orderId, instrument: CARD })
    await expect(started).rejects.toMatchObject({ code: 'gateway_unavailable' })
    const { body } = await merchant.get(`/v1/orders/${orderId}`)
    const [attempt] = body['payments'] as { id: string; status: string }[]
    expect(attempt?.status).toBe('failed')
    const booked = await server.db.pools.owner.query('select from sandbox.payments where reference = $1', [attempt?.id])
    expect(booked.rowCount).toBe(0)
  })

  test('that is away for a while does not use up the payer’s attempts', async () => {
    const away: Deps = {
      ...server.runtime.deps,
      sendToGateway: () => Promise.resolve({ kind: 'not_sent', reason: 'connect_refused' }),
    }
    const orderId = OrderId.parse(await merchant.order())
    for (let attempt = 0; attempt < 26; attempt += 1) {
      const started = startPayment(away, server.actor, { orderId, instrument: CARD })
      await expect(started).rejects.toMatchObject({ code: 'gateway_unavailable' })
    }
    const paid = await startPayment(server.runtime.deps, server.actor, { orderId, instrument: CARD })
    expect(paid.status).toBe('captured')
  })
})

describe('A card token', () => {
  test('goes to the gateway and is kept nowhere', async () => {
    const { paymentId } = await merchant.pay()
    const { rows } = await server.db.pools.owner.query(
      `select p.instrument::text as kept, (select string_agg(request || reply, '') from exchanges e where e.payment_id = p.id) as told
         from payments p where p.id = $1`,
      [paymentId],
    )
    expect(`${rows[0].kept}${rows[0].told}`).not.toContain('tok_approve')
  })
})

describe('One item that cannot be worked on', () => {
  test('a notification is parked and shown in the end, and is not claimed for ever', async () => {
    await runDue(server)
    const voice = await gatewayVoice(server)
    const { paymentId } = await merchant.pay()
    await runDue(server)
    const { deps } = server.runtime
    const sandbox = deps.connectors.get('sandbox') as Connector
    const broken = {
      ...sandbox,
      notifications: {
        ...sandbox.notifications,
        read: () => {
          throw new Error('planted')
        },
      },
    }
    const eventId = randomUUID()
    const { account } = await deps.store.inTransaction(server.tenant, (tx) =>
      openGatewayAccount(deps, tx, GatewayAccountId.parse(server.demo.gateway_account_id)),
    )
    const id = `sbn_${eventId.replaceAll('-', '')}`
    await server.db.pools.owner.query(
      `insert into notifications (merchant_id, mode, id, gateway_account_id, gateway_event_id, headers, body, status, due_at, tries)
       values ($1, 'test', $2, $3, $2, '{}', convert_to($4, 'UTF8'), 'received', now() - interval '1 hour', 7)`,
      [server.merchantId, id, account.id, JSON.stringify(await voice.payment(paymentId))],
    )
    const log = { ...deps.log, error: () => {} }
    const failing = { ...deps, log, connectors: new Map([['sandbox', broken as Connector]]) }
    const stateOf = async () => {
      const { rows } = await server.db.pools.owner.query(
        'select status, due_at > now() as later from notifications where id = $1',
        [id],
      )
      return rows[0] as { status: string; later: boolean | null }
    }
    await applyDueNotifications(failing, 100)
    expect(await stateOf()).toEqual({ status: 'parked', later: true })
    await server.db.pools.owner.query(`update notifications set due_at = now() - interval '1 hour' where id = $1`, [id])
    await applyDueNotifications(failing, 100)
    expect(await stateOf()).toEqual({ status: 'conflict', later: null })
  })

  test('does not keep the items of others from being looked at', async () => {
    const seen: string[] = []
    const errors: string[] = []
    const log = { ...server.runtime.deps.log, error: (_: object, message: string) => void errors.push(message) }
    const items = ['a', 'b', 'c'].map((id) => ({ id, tenant: server.tenant }))
    await oneByOne(log, items, async ({ id }) => {
      if (id === 'a') throw new Error('planted')
      seen.push(id)
    })
    expect(seen).toEqual(['b', 'c'])
    expect(errors).toHaveLength(1)
  })
})
