// What an app's SDK asks about a customer when it starts: cards and wallets that were kept by paying, with a key, with
// the customer's own token and with an order's; and what nobody may see, keep or send.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiReply, Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer
let juspay: JuspayClient
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

async function made(reply: Promise<ApiReply>): Promise<Loose> {
  const { status, body, text } = await reply
  expect(status, text).toBe(200)
  return body
}

/** Pays an order of the customer's, keeping what it is paid with. */
async function givenKept(customer_id: string, more: Record<string, string>): Promise<Loose> {
  const order_id = `KEPT${String((count += 1)).padStart(6, '0')}`
  await made(juspay.post('/orders', { form: { order_id, amount: '10.00', customer_id } }))
  const form = { order_id, format: 'json', save_to_locker: 'true', ...more }
  expect((await made(juspay.post('/txns', { form }))).status).toBe('CHARGED')
  return made(juspay.get(`/orders/${order_id}`))
}
const CARD = { payment_method_type: 'CARD', card_token: 'tok_approve' }
const WALLET = { payment_method_type: 'WALLET', payment_method: 'DUMMY' }
const cardsOf = (customer_id: string, more = {}) => juspay.get(`/cards?customer_id=${customer_id}`, more)
const tokenOf = async (customer_id: string): Promise<string> =>
  (await made(juspay.get(`/customers/${customer_id}?options.get_client_auth_token=true`))).juspay.client_auth_token

describe('A card', () => {
  test('is kept by paying with consent, listed without its number, paid with again and deleted', async () => {
    const order = await givenKept('cust_kept1', CARD)
    expect(order.card).toMatchObject({ saved_to_locker: true, using_saved_card: false })
    const { cards } = await made(cardsOf('cust_kept1'))
    expect(cards).toMatchObject([
      {
        card_token: expect.stringMatching(/^svm_/),
        card_number: 'XXXX-XXXXXXXX-0001',
        card_isin: '400000',
        card_exp_year: '2090',
        card_exp_month: '12',
        card_brand: 'VISA',
        card_type: 'CREDIT',
        card_issuer: 'Sandbox Bank',
        expired: false,
      },
    ])
    const { card_token } = cards[0]
    const again = await givenKept('cust_kept1', { ...CARD, card_token, save_to_locker: 'false' })
    expect(again).toMatchObject({ status: 'CHARGED', card: { using_saved_card: true, last_four_digits: '0001' } })
    expect(await made(juspay.post('/card/delete', { form: { card_token } }))).toEqual({
      card_token,
      card_reference: card_token,
      deleted: true,
    })
    expect((await made(cardsOf('cust_kept1'))).cards).toEqual([])
    expect((await juspay.post('/card/delete', { form: { card_token } })).status).toBe(404)
  })

  test('is not kept without consent, nor for a guest', async () => {
    await givenKept('cust_kept2', { ...CARD, save_to_locker: 'false' })
    expect((await made(cardsOf('cust_kept2'))).cards).toEqual([])
    const form = { order_id: 'GUEST1', amount: '10.00' }
    await made(juspay.post('/orders', { form }))
    const paid = await made(
      juspay.post('/txns', { form: { ...CARD, order_id: 'GUEST1', save_to_locker: 'true', format: 'json' } }),
    )
    expect(paid.status).toBe('CHARGED')
  })

  test('is seen by its own customer’s token and by the token of their order, and by no other', async () => {
    await givenKept('cust_kept3', CARD)
    await givenKept('cust_kept4', CARD)
    const [client_auth_token, other] = [await tokenOf('cust_kept3'), await tokenOf('cust_kept4')]
    const asApp = (token: string, customer: string) =>
      juspay.get(`/cards?client_auth_token=${token}&customer_id=${customer}`, { key: null })
    const seen = await made(asApp(client_auth_token, 'cust_kept3'))
    expect(seen.cards).toHaveLength(1)
    expect((await asApp(other, 'cust_kept3')).body.error_code).toBe('CUSTOMER_ID_NOT_FOUND')
    const form = { order_id: 'TOKEN1', amount: '10.00', customer_id: 'cust_kept3' }
    const order = await made(juspay.post('/orders', { form: { ...form, 'options.get_client_auth_token': 'true' } }))
    expect((await made(asApp(order.juspay.client_auth_token, 'cust_kept3'))).cards).toHaveLength(1)
    const card_token = seen.cards[0].card_token
    const stolen = await juspay.post('/card/delete', { key: null, form: { card_token, client_auth_token: other } })
    expect(stolen.status).toBe(404)
    const paying = { ...CARD, card_token, order_id: 'STOLEN1', format: 'json' }
    await made(juspay.post('/orders', { form: { order_id: 'STOLEN1', amount: '10.00', customer_id: 'cust_kept4' } }))
    expect((await juspay.post('/txns', { form: paying })).status).toBe(404)
    const own = await juspay.post('/card/delete', { key: null, form: { card_token, client_auth_token } })
    expect(own.body.deleted).toBe(true)
    // What a customer's token is not for.
    expect((await juspay.get(`/orders/TOKEN1?client_auth_token=${client_auth_token}`, { key: null })).status).toBe(401)
    expect((await juspay.get(`/cards?customer_id=cust_kept3`, { key: null })).status).toBe(401)
  })

  test('is neither seen nor deleted by whoever came by a payment link, nor with a session that is over', async () => {
    await givenKept('cust_link', CARD)
    const form = { order_id: 'LINKED1', amount: '10.00', customer_id: 'cust_link' }
    const order = await made(juspay.post('/orders', { form: { ...form, 'options.get_client_auth_token': 'true' } }))
    const [{ card_token }] = (await made(cardsOf('cust_link'))).cards
    const link = new URL(order.payment_links.web).pathname
    const { headers } = await server.runtime.app.inject({ method: 'GET', url: link })
    const byLink = { client_auth_token: /\/pay\/(ct_[^/?#]+)$/.exec(String(headers.location))?.[1] ?? '' }
    const seen = await juspay.get(`/cards?client_auth_token=${byLink.client_auth_token}`, { key: null })
    expect([seen.status, seen.body.error_code]).toEqual([404, 'CUSTOMER_ID_NOT_FOUND'])
    const app = { client_auth_token: String(order.juspay.client_auth_token) }
    expect((await juspay.post('/card/delete', { key: null, form: { ...byLink, card_token } })).status).toBe(404)
    expect(
      (await juspay.post('/wallets/' + card_token, { key: null, form: { ...byLink, command: 'delink' } })).status,
    ).toBe(404)
    // Another amount ends the sessions of the older one.
    await made(juspay.post('/orders/LINKED1', { form: { amount: '11.00' } }))
    expect((await juspay.post('/card/delete', { key: null, form: { ...app, card_token } })).status).toBe(401)
    expect((await made(cardsOf('cust_link'))).cards).toHaveLength(1)
  })

  test('by number becomes a token in test mode when it is documented, and is refused and kept nowhere otherwise', async () => {
    const card = {
      card_number: '4242424242424242',
      card_exp_year: '2031',
      card_exp_month: '7',
      card_security_code: '123',
    }
    const { token } = await made(juspay.post('/card/tokenize', { form: card }))
    expect(token).toMatch(/^ctkn_[a-z0-9]{20}$/)
    await made(juspay.post('/orders', { form: { order_id: 'TOKENIZED1', amount: '10.00' } }))
    const form = { ...CARD, order_id: 'TOKENIZED1', card_token: token, auth_type: 'MOTO', format: 'json' }
    expect((await made(juspay.post('/txns', { form }))).status).toBe('CHARGED')
    const unknown = { ...form, card_token: 'ctkn_00000000000000000000' }
    expect((await juspay.post('/txns', { form: unknown })).status).toBe(400)
    for (const path of ['/card/tokenize', '/card/add', '/cards']) {
      const reply = await juspay.post(path, { form: { ...card, card_number: '4012888888881881' } })
      expect([reply.status, reply.body.error_info.fields[0].field_name]).toEqual([400, 'card_number'])
    }
    const { rows } = await server.db.pools.owner.query(
      `select 1 from purser.audit a where a::text like '%4012888888881881%' or a::text like '%4242424242424242%'
       union all select 1 from purser.exchanges e where e::text like '%4242424242424242%'`,
    )
    expect(rows).toEqual([])
    const kept = await juspay.post('/card/add', { form: { customer_id: 'cust_kept1', card_token: token } })
    expect([kept.status, kept.body.error_info.code]).toEqual([400, 'FEATURE_NOT_ENABLED'])
  })
})

describe('A wallet', () => {
  test('is listed once it was paid with, and forgotten by delink', async () => {
    await givenKept('cust_kept5', WALLET)
    const path = '/customers/cust_kept5/wallets'
    const { list, total } = await made(juspay.get(path))
    expect([total, list]).toMatchObject([1, [{ object: 'wallet_account', wallet: 'SANDBOX_WALLET', linked: true }]])
    const refreshed = await made(juspay.get(`${path}/refresh-balances`))
    expect(refreshed.list).toEqual(list)
    const gone = await made(juspay.post(`/wallets/${list[0].id}`, { form: { command: 'delink' } }))
    expect(gone).toEqual({ id: list[0].id, object: 'wallet_account', linked: false })
    expect((await made(juspay.get(path))).total).toBe(0)
  })
})
