// A customer who keeps a way to pay: only by consent, only once the payment succeeded, exactly once whoever tells it
// first, for nobody else's eyes, and gone for good when it is deleted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OrderId } from '../../src/kernel/ids.ts'
import { openOrderLink } from '../../src/operations/open-order-link.ts'
import { callApp, freshKey } from '../../src/testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../src/testing/api-setup.ts'
import { complaintAbout } from '../../src/testing/check-reply.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

async function call(token: string, request: ApiRequest): Promise<ApiReply> {
  const reply = await callApp(server.runtime.app, { token, ...request })
  expect(complaintAbout(request, reply)).toBeUndefined()
  return reply
}
const merchant = (request: ApiRequest) => call(server.secretKey, request)
const post = async (path: string, body: object = {}) => (await merchant({ method: 'POST', path, body })).body

const givenCustomer = async (): Promise<string> =>
  (await post('/v1/customers', { reference: freshKey(), given_name: 'Asha' })).id
const givenOrder = (customerId: string | undefined, more: object = {}): Promise<Loose> =>
  post('/v1/orders', {
    reference: freshKey(),
    amount: 49_900,
    currency: 'INR',
    ...(customerId === undefined ? {} : { customer_id: customerId }),
    ...more,
  })
async function givenSession(customerId: string | undefined, more: object = {}): Promise<string> {
  return (await post(`/v1/orders/${(await givenOrder(customerId)).id}/sessions`, more)).client_token
}
const listOf = async (customerId: string): Promise<readonly Loose[]> =>
  (await merchant({ path: `/v1/customers/${customerId}/saved-methods` })).body.items
const asPayer = (token: string, body: object) => call(token, { method: 'POST', path: '/sdk/v1/payments', body })
const seenBy = async (token: string) => (await call(token, { path: '/sdk/v1/session' })).body
const forget = (id: string) => merchant({ method: 'DELETE', path: `/v1/saved-methods/${id}` })
const card = (token = 'tok_approve') => ({ instrument: { method: 'card', token }, save: true })

async function givenSaved(customerId: string, body: object = card()): Promise<Loose> {
  const paid = await asPayer(await givenSession(customerId), body)
  expect([paid.status, paid.body.status], paid.text).toEqual([201, 'captured'])
  const [saved] = await listOf(customerId)
  return saved
}

describe('what is saved', () => {
  test('is a card that the payer asked to keep, without its number, and the next order is paid with it', async () => {
    const customerId = await givenCustomer()
    const saved = await givenSaved(customerId)
    expect(saved).toMatchObject({
      kind: 'card',
      network: 'visa',
      issuer: 'Sandbox Bank',
      last_four: '0001',
      expiry_month: 12,
      expiry_year: 2090,
      vpa: null,
      wallet: null,
      customer_id: customerId,
    })
    expect(JSON.stringify(saved)).not.toMatch(/svi_|tok_/)
    const next = await givenSession(customerId)
    const [shown] = (await seenBy(next)).saved_methods
    expect(shown).toMatchObject({ id: saved.id, last_four: '0001' })
    expect(Object.keys(shown)).not.toContain('bin')
    const again = await asPayer(next, { instrument: { saved_method_id: saved.id } })
    expect([again.status, again.body.status, again.body.method]).toEqual([201, 'captured', 'card'])
    const payment = (await merchant({ path: `/v1/payments/${again.body.id}` })).body
    expect(payment.facts).toMatchObject({ last_four: '0001', network: 'visa' })
    const [used] = await listOf(customerId)
    expect(Date.parse(used.last_used_at)).toBeGreaterThan(Date.parse(saved.last_used_at))
  })

  test('is a wallet or a UPI id as well, the id with its middle left out', async () => {
    const customerId = await givenCustomer()
    await givenSaved(customerId, { instrument: { method: 'wallet', wallet: 'sandbox_wallet' }, save: true })
    const token = await givenSession(customerId)
    const instrument = { method: 'upi', flow: 'collect', vpa: 'success@sandbox' }
    expect((await asPayer(token, { instrument, save: true })).body.status).toBe('requires_action')
    expect(await listOf(customerId), 'not before the payer said yes').toHaveLength(1)
    await advanceClock(server, 10)
    await runDue(server)
    const listed = await listOf(customerId)
    expect(listed.map(({ kind, vpa, wallet }) => [kind, vpa, wallet])).toEqual([
      ['upi', 'su•••@sandbox', null],
      ['wallet', null, 'sandbox_wallet'],
    ])
    for (const { id, kind } of listed) {
      const { body } = await asPayer(await givenSession(customerId), { instrument: { saved_method_id: id } })
      expect([body.method, body.status]).toEqual([kind, kind === 'upi' ? 'requires_action' : 'captured'])
    }
  })

  test.each([
    ['without consent', { instrument: { method: 'card', token: 'tok_approve' } }],
    ['with a decline', card('tok_decline_insufficient_funds')],
    ['with an app, of which nothing is known', { instrument: { method: 'upi', flow: 'qr' }, save: true }],
  ])('is nothing %s', async (_, body) => {
    const customerId = await givenCustomer()
    expect((await asPayer(await givenSession(customerId), body)).status).toBe(201)
    expect(await listOf(customerId)).toEqual([])
  })

  test('is saved with money that is held, too', async () => {
    const customerId = await givenCustomer()
    const { id } = await givenOrder(customerId, { capture: 'manual' })
    expect((await post(`/v1/orders/${id}/payments`, card())).status).toBe('authorized')
    expect(await listOf(customerId)).toHaveLength(1)
  })
})

describe('exactly once', () => {
  test('the same card saved by five payments at once is one, and a repeat of the news adds none', async () => {
    const customerId = await givenCustomer()
    const tokens = await Promise.all([1, 2, 3, 4, 5].map(() => givenSession(customerId)))
    const paid = await Promise.all(tokens.map((token) => asPayer(token, card('tok_duplicate_notice'))))
    expect(paid.map(({ body }) => body.status)).toEqual(Array(5).fill('captured'))
    await runDue(server)
    expect(await listOf(customerId)).toHaveLength(1)
  })

  test('whoever brings the news: the reply is lost, and the question afterwards saves it', async () => {
    const customerId = await givenCustomer()
    const paid = await asPayer(await givenSession(customerId), card('tok_lost_reply'))
    expect(paid.body.status).toMatch(/unknown|captured/)
    await advanceClock(server, 120)
    await runDue(server)
    expect(await listOf(customerId)).toMatchObject([{ last_four: '0022' }])
  })

  test('news that come late bring nothing back that was deleted', async () => {
    const customerId = await givenCustomer()
    const first = await asPayer(await givenSession(customerId), card())
    const second = await asPayer(await givenSession(customerId), card())
    const [saved] = await listOf(customerId)
    expect((await forget(saved.id)).status).toBe(200)
    const voice = await gatewayVoice(server)
    for (const { body } of [first, second]) await voice.notify(await voice.payment(body.id))
    await runDue(server)
    expect(await listOf(customerId)).toEqual([])
    await givenSaved(customerId)
    expect(await listOf(customerId), 'a fresh consent counts').toHaveLength(1)
  })

  test('what a gateway says about another amount is not believed about a card either', async () => {
    const customerId = await givenCustomer()
    const voice = await gatewayVoice(server)
    const instrument = { method: 'upi', flow: 'qr' }
    const { body: paid } = await asPayer(await givenSession(customerId), { instrument, save: true })
    await voice.payAfterAll(paid.id)
    const told = await voice.payment(paid.id)
    await voice.notify(told)
    await runDue(server)
    expect((await merchant({ path: `/v1/payments/${paid.id}` })).body.status).toBe('captured')
    const saved_instrument = { id: 'svi_of_somebody', type: 'UPI', vpa: 'somebody@bank' }
    await voice.notify({ ...told, amount: '1.00', held: '1.00', paid: '1.00', saved_instrument })
    await runDue(server)
    expect(await listOf(customerId)).toEqual([])
  })
})

describe('whose it is', () => {
  test("another customer's answers like one that never was: to pay with and to delete", async () => {
    const theirs = await givenSaved(await givenCustomer())
    const mine = await givenCustomer()
    const token = await givenSession(mine)
    const unknown = `svm_${'0'.repeat(26)}`
    for (const id of [theirs.id, unknown]) {
      const paid = await asPayer(token, { instrument: { saved_method_id: id } })
      expect([paid.status, paid.body.code, paid.body.field]).toEqual([
        404,
        'saved_method_not_found',
        'instrument.saved_method_id',
      ])
      const gone = await call(token, { method: 'DELETE', path: `/sdk/v1/saved-methods/${id}` })
      expect([gone.status, gone.body.code]).toEqual([404, 'saved_method_not_found'])
      const { id: orderId } = await givenOrder(mine)
      const body = { instrument: { saved_method_id: id } }
      const asked = await merchant({ method: 'POST', path: `/v1/orders/${orderId}/payments`, body })
      expect([asked.status, asked.body.code]).toEqual([404, 'saved_method_not_found'])
    }
    expect((await seenBy(token)).saved_methods).toEqual([])
    expect(await listOf(theirs.customer_id)).toHaveLength(1)
  })

  test('a session that anybody may have opened shows, uses, saves and deletes nothing', async () => {
    const customerId = await givenCustomer()
    const saved = await givenSaved(customerId)
    const order = await givenOrder(customerId)
    const link = await openOrderLink(server.runtime.deps, OrderId.parse(order.id), 'req_link')
    const said = await givenSession(customerId, { show_saved_methods: false })
    for (const token of [link.clientToken, said]) {
      expect(await seenBy(token)).toMatchObject({ saved_methods: [], savable: [] })
      const paid = await asPayer(token, { instrument: { saved_method_id: saved.id } })
      expect(paid.body.code).toBe('saved_method_not_found')
      const kept = await asPayer(token, card())
      expect([kept.status, kept.body.code, kept.body.field]).toEqual([422, 'field_invalid', 'save'])
      const gone = await call(token, { method: 'DELETE', path: `/sdk/v1/saved-methods/${saved.id}` })
      expect(gone.body.code).toBe('saved_method_not_found')
    }
  })

  test('nothing is saved for nobody, and net banking cannot be saved', async () => {
    const token = await givenSession(undefined)
    expect((await seenBy(token)).savable).toEqual([])
    expect((await asPayer(token, card())).body).toMatchObject({ code: 'field_invalid', field: 'save' })
    const customers = await givenSession(await givenCustomer())
    expect((await seenBy(customers)).savable).toEqual(['upi', 'card', 'wallet'])
    const bank = { instrument: { method: 'netbanking', bank: 'sandbox_bank' }, save: true }
    expect((await asPayer(customers, bank)).body).toMatchObject({ code: 'not_supported_by_gateway', field: 'save' })
    const cash = { instrument: { method: 'cash_on_delivery' }, save: true }
    expect((await asPayer(customers, cash)).body.code).toBe('method_not_available')
  })

  test('its payer deletes it, and then it pays nothing any more and its name at the gateway is gone', async () => {
    const customerId = await givenCustomer()
    const saved = await givenSaved(customerId)
    const token = await givenSession(customerId)
    const gone = await call(token, { method: 'DELETE', path: `/sdk/v1/saved-methods/${saved.id}` })
    expect(gone.body).toEqual({ id: saved.id, object: 'saved_method', deleted: true })
    expect((await seenBy(token)).saved_methods).toEqual([])
    const paid = await asPayer(token, { instrument: { saved_method_id: saved.id } })
    expect(paid.body.code).toBe('saved_method_not_found')
    const { rows } = await server.db.pools.owner.query(
      'select gateway_method_id from purser.saved_methods where id = $1',
      [saved.id],
    )
    expect(rows).toEqual([{ gateway_method_id: null }])
    expect((await forget(saved.id)).status).toBe(404)
  })
})

test('the exchanges that are kept name no instrument by which a card could be charged', async () => {
  const customerId = await givenCustomer()
  const saved = await givenSaved(customerId)
  const { body } = await asPayer(await givenSession(customerId), { instrument: { saved_method_id: saved.id } })
  const { text } = await merchant({ path: `/v1/payments/${body.id}/exchanges` })
  expect(text).toContain('SAVED')
  expect(text).not.toMatch(/svi_[0-9a-f]/)
})

test('a customer is made once under a reference, and read', async () => {
  const body = { reference: freshKey(), given_name: 'Asha', family_name: 'Rao', email: 'asha@example.com' }
  const made = await merchant({ method: 'POST', path: '/v1/customers', body })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ ...body, phone: null })
  expect((await merchant({ path: `/v1/customers/${made.body.id}` })).body).toEqual(made.body)
  const again = await merchant({ method: 'POST', path: '/v1/customers', body })
  expect([again.status, again.body.code]).toEqual([409, 'customer_reference_taken'])
})
