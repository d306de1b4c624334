// Mandates as a server written for this API uses them: registered, asked about, executed, changed, and told ahead; over
// HTTP, against the sandbox gateway, with both clocks moved.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKeys, createMerchant } from '../../operations/create-merchant.ts'
import type { Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { givenJuspayMandates } from '../../testing/juspay-mandates.ts'
import type { JuspayMandates } from '../../testing/juspay-mandates.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { advanceClock } from '../../testing/virtual-time.ts'
import { verifyReturn } from './return-url.ts'

let server: TestServer
let juspay: JuspayClient
let mandates: JuspayMandates

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
  mandates = givenJuspayMandates(server, juspay)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const HOUR = 3_600
const DAY = 24 * HOUR
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const statusOf = async (id: string): Promise<Loose> => (await juspay.get(`/orders/${id}`)).body
const command = (id: string, form: Record<string, string>) => juspay.post(`/mandates/${id}`, { form })

describe('Registering a mandate', () => {
  test('answers like any transaction, and the order shows the mandate from then on', async () => {
    const order_id = await mandates.order({ 'mandate.frequency': 'MONTHLY', 'mandate.max_amount': '1000.00' })
    expect(await statusOf(order_id)).not.toHaveProperty('mandate')
    const txn = await mandates.pay(order_id, { payment_method_type: 'UPI', upi_vpa: 'success@sandbox' })
    expect(txn).toMatchObject({ order_id, status: 'PENDING_VBV' })
    const before = await statusOf(order_id)
    expect(before.mandate).toMatchObject({ mandate_status: 'CREATED', mandate_type: 'EMANDATE', max_amount: 1000 })
    expect(before.txn_detail).toMatchObject({ txn_object_type: 'EMANDATE_REGISTER', source_object: 'MANDATE' })
    await advanceClock(server, 60)
    const after = await statusOf(order_id)
    expect([after.status, after.mandate.mandate_status]).toEqual(['CHARGED', 'ACTIVE'])
    expect((await juspay.get(`/txns/v2/orders/${order_id}`)).body.mandate).toEqual(after.mandate)
  })

  test('sends the payer back with the mandate in the signed address', async () => {
    const key = (await juspay.post('/juspay/settings/response-key')).body.response_key
    const { orderId, mandate } = await mandates.active({ return_url: 'https://shop.example/done?page=7' })
    const { txn_uuid } = await statusOf(orderId)
    const finish = `${server.baseUrl}/v2/pay/finish/${server.merchantId}/${txn_uuid}/${orderId}`
    const reply = await fetch(finish, { redirect: 'manual' })
    const address = new URL(reply.headers.get('location') ?? '')
    const { signature = '', ...parameters } = Object.fromEntries(address.searchParams)
    expect(parameters).toEqual({
      page: '7',
      status_id: '21',
      status: 'CHARGED',
      order_id: orderId,
      mandate_id: mandate.mandate_id,
      mandate_token: mandate.mandate_token,
      mandate_status: 'ACTIVE',
      signature_algorithm: 'HMAC-SHA256',
    })
    expect(verifyReturn(parameters, key, signature)).toBe(true)
    expect(verifyReturn({ ...parameters, mandate_status: 'REVOKED' }, key, signature)).toBe(false)
  })

  test('in a session, and together with its order, takes the same terms', async () => {
    const form = mandates.orderForm({})
    const session = await juspay.post('/session', { json: { ...form, payment_page_client_id: 'shop' } })
    expect(session.body.sdk_payload.payload).toMatchObject({
      'options.createMandate': 'REQUIRED',
      'mandate.maxAmount': '1000.00',
    })
    await mandates.pay(form['order_id'] ?? '')
    expect((await statusOf(form['order_id'] ?? '')).mandate.mandate_status).toBe('ACTIVE')

    const own = mandates.orderForm({})
    const together = Object.fromEntries(Object.entries(own).map(([name, text]) => [`order.${name}`, text]))
    const card = { payment_method_type: 'CARD', card_token: 'tok_approve', should_create_mandate: 'true' }
    const reply = await juspay.post('/txns', { form: { ...together, ...card, format: 'json' } })
    expect(reply.body.status, reply.text).toBe('CHARGED')
    expect((await statusOf(own['order_id'] ?? '')).txn_detail.txn_object_type).toBe('MANDATE_REGISTER')
  })

  test('takes the maximum by its older name, and echoes that in a session', async () => {
    const { 'mandate.max_amount': mandate_max_amount, ...form } = mandates.orderForm({})
    const json = { ...form, mandate_max_amount, payment_page_client_id: 'shop' }
    const { payload } = (await juspay.post('/session', { json })).body.sdk_payload
    expect(payload).toMatchObject({ mandateMaxAmount: '1000.00' })
    expect(payload).not.toHaveProperty(['mandate.maxAmount'])
    await mandates.pay(form['order_id'] ?? '')
    expect((await statusOf(form['order_id'] ?? '')).mandate).toMatchObject({
      mandate_status: 'ACTIVE',
      max_amount: 1000,
    })
  })

  test('is left out where it is optional and nobody asks for it', async () => {
    const order_id = await mandates.order({ 'options.create_mandate': 'OPTIONAL' })
    await mandates.pay(order_id, { should_create_mandate: 'false' })
    const { mandate, status, txn_detail } = await statusOf(order_id)
    expect([status, mandate, txn_detail.txn_object_type]).toEqual(['CHARGED', undefined, undefined])
  })

  test.each([
    [{ 'mandate.start_date': 'tomorrow' }, 'INVALID_START_DATE', 'mandate.start_date'],
    [
      { 'mandate.start_date': '4000000000', 'mandate.end_date': '3900000000' },
      'INVALID_START_DATE',
      'mandate.start_date',
    ],
    [{ 'mandate.end_date': '1500000000' }, 'INVALID_END_DATE', 'mandate.end_date'],
    [{ 'mandate.max_amount': '100000000000000.00' }, 'INVALID_REQUEST', 'mandate.max_amount'],
    [{ 'mandate.max_amount': '0.50' }, 'INVALID_MANDATE_MAX_AMOUNT', 'mandate.max_amount'],
    [{ 'mandate.block_funds': 'true' }, 'INVALID_BLOCK_FUNDS', 'mandate.block_funds'],
    [{ 'mandate.frequency': 'ONETIME', 'mandate.block_funds': 'false' }, 'INVALID_BLOCK_FUNDS', 'mandate.block_funds'],
    [{ customer_id: '' }, 'INVALID_CUSTOMER_ID', 'customer_id'],
    [{ 'mandate.max_amount': '' }, 'Mandatory fields are missing', 'mandate.max_amount'],
    [{ 'mandate.frequency': 'HOURLY' }, 'invalid_request', 'mandate.frequency'],
    [{ 'mandate.rule_type': 'ON' }, 'invalid_request', 'mandate.rule_value'],
  ])('with %o is refused and makes no order: %s', async (more, word, field) => {
    const form = mandates.orderForm(more)
    const { body, status } = await juspay.post('/orders', { form })
    expect([status, body.error_code, body.error_info.fields[0].field_name]).toEqual([400, word, field])
    expect((await statusOf(form['order_id'] ?? '')).error_code).toBe('order_not_found')
  })
})

describe('Executing a mandate', () => {
  test('that needs no notice charges at once, by its id, its token or its debit token', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    for (const name of [
      { mandate_id: mandate.mandate_id },
      { mandate_token: mandate.mandate_token },
      { mandate_token: `tkn_${mandate.mandate_token}` },
    ]) {
      await advanceClock(server, DAY)
      const reply = await mandates.execute(name)
      expect(reply.status, reply.text).toBe(200)
      expect(reply.body).toMatchObject({ status: 'CHARGED', payment: { authentication: { method: 'GET' } } })
      expect(reply.body.payment.authentication.url).toContain('/v2/pay/finish/')
      const order = await statusOf(reply.body.order_id)
      expect(order).toMatchObject({ status: 'CHARGED', amount: 500, mandate: { mandate_id: mandate.mandate_id } })
      expect(order.txn_detail.txn_object_type).toBe('EMANDATE_PAYMENT')
    }
  })

  test('tells the payer first where it must, waits as PENDING_VBV, and charges once', async () => {
    const { mandate } = await mandates.active({})
    const reply = await mandates.execute({ mandate_id: mandate.mandate_id })
    expect(reply.body, reply.text).toMatchObject({ status: 'PENDING_VBV' })
    expect((await statusOf(reply.body.order_id)).status).toBe('PENDING_VBV')
    for (let hours = 0; hours < 54; hours += 6) await advanceClock(server, 6 * HOUR)
    const after = await statusOf(reply.body.order_id)
    expect(after).toMatchObject({ status: 'CHARGED', txn_detail: { txn_object_type: 'MANDATE_PAYMENT' } })
    const again = await mandates.execute({ mandate_id: mandate.mandate_id, 'order.order_id': reply.body.order_id })
    expect([again.status, again.body.error_info.code]).toEqual([400, 'INVALID_ACTION'])
  })

  test('goes by the notice and the day that are named', async () => {
    const { mandate } = await mandates.active({})
    const day = await mandates.epochInDays(3)
    const notice = await command(mandate.mandate_id, {
      command: 'pre_debit_notify',
      object_reference_id: 'NAMED1',
      source_info: JSON.stringify({ amount: '500.00', txn_date: day }),
    })
    expect(notice.body.status).toBe('CREATED')
    const executed = { mandate_id: mandate.mandate_id, 'mandate.execution_date': day }
    const reply = await mandates.execute({ ...executed, 'mandate.notification_id': notice.body.id })
    expect(reply.body.status, reply.text).toBe('PENDING_VBV')
    for (let hours = 0; hours < 96; hours += 6) await advanceClock(server, 6 * HOUR)
    expect((await statusOf(reply.body.order_id)).status).toBe('CHARGED')
    expect((await juspay.get('/notifications/NAMED1')).body.status).toBe('SUCCESS')
  })

  test.each([
    [{ 'order.amount': '1000.01' }, 'order.amount'],
    [{ 'mandate.execution_date': '1500000000' }, 'mandate.execution_date'],
  ])('with %o is refused as an action that is not allowed', async (more, field) => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    await advanceClock(server, DAY)
    const { body, status } = await mandates.execute({ mandate_id: mandate.mandate_id, ...more })
    expect([status, body.error_info.code, body.error_info.fields[0].field_name]).toEqual([400, 'INVALID_ACTION', field])
  })

  test('of a mandate that is not active is refused', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    await command(mandate.mandate_id, { command: 'revoke' })
    const { body, status } = await mandates.execute({ mandate_id: mandate.mandate_id })
    expect([status, body.error_info.code]).toEqual([400, 'INVALID_ACTION'])
  })

  test('is nothing that a payer’s token can do', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    const form = { ...mandates.orderForm({}), payment_page_client_id: 'shop' }
    const session = await juspay.post('/session', { json: form })
    const client_auth_token = session.body.sdk_payload.payload.clientAuthToken
    const charge = { mandate_id: mandate.mandate_id, 'order.order_id': 'STOLEN1', 'order.amount': '5.00' }
    const reply = await juspay.post('/txns', { key: null, form: { ...charge, client_auth_token, format: 'json' } })
    expect([reply.status, reply.body.error_code]).toEqual([403, 'access_denied'])
    expect((await statusOf('STOLEN1')).error_code).toBe('order_not_found')
  })
})

describe('A mandate of somebody else', () => {
  test('is not found: of another merchant, of another customer, or under another token', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    const id = mandate.mandate_id
    const { deps } = server.runtime
    const merchantId = await createMerchant(deps, { name: 'Coffee house' })
    const { secretKey } = await createApiKeys(deps, { merchantId, mode: 'test' }, 'stranger')
    const stranger = createJuspayClient(server.runtime.app, secretKey)
    const charge = { 'order.order_id': 'THEIRS1', 'order.amount': '5.00', format: 'json' }
    for (const reply of [
      await stranger.post(`/mandates/${id}`, { form: { command: 'revoke' } }),
      await stranger.post(`/mandates/${id}`, { form: { command: 'check_status' } }),
      await stranger.post('/txns', { form: { ...charge, mandate_id: id } }),
      await stranger.post('/txns', { form: { ...charge, mandate_token: mandate.mandate_token } }),
      await mandates.execute({ mandate_id: id, 'order.customer_id': 'somebody_else' }),
      await mandates.execute({ mandate_id: id, mandate_token: '0'.repeat(32) }),
      await mandates.execute({ mandate_id: 'no mandate' }),
    ]) {
      expect([reply.status, reply.body.error_code]).toEqual([404, 'mandate_not_found'])
    }
    const theirs = await stranger.get(`/customers/${mandates.customer}/mandates`)
    expect([theirs.status, theirs.body.error_code]).toEqual([404, 'CUSTOMER_ID_NOT_FOUND'])
    expect((await command(id, { command: 'check_status' })).body.status).toBe('ACTIVE')
  })
})

describe('The list of a customer', () => {
  test('has every mandate with how it is paid, newest first, in pages', async () => {
    const customer_id = 'cust_of_list'
    const onFifth = { 'mandate.frequency': 'MONTHLY', 'mandate.rule_type': 'ON', 'mandate.rule_value': '5' }
    const card = await mandates.active({ customer_id, ...onFifth })
    const bank = await mandates.active({ customer_id }, mandates.bank)
    const { body } = await juspay.get(`/customers/${customer_id}/mandates`)
    expect(body).toMatchObject({ object: 'list', total: 2, count: 2, offset: 0 })
    expect(body.list.map((item: Loose) => item.mandate_id)).toEqual([bank.mandate.mandate_id, card.mandate.mandate_id])
    expect(body.list[1]).toMatchObject({ status: 'ACTIVE', rule_type: 'ON', rule_value: 5, mandate_type: 'MANDATE' })
    expect(body.list[1].payment_info.card).toMatchObject({ last_four_digits: '0001', card_brand: 'VISA' })
    expect(body.list[0].payment_info).toMatchObject({ payment_method_type: 'NB' })
    const second = await juspay.get(`/customers/${customer_id}/mandates?count=1&offset=1`)
    expect(second.body).toMatchObject({
      total: 2,
      count: 1,
      offset: 1,
      list: [{ mandate_id: card.mandate.mandate_id }],
    })
  })
})

describe('A command', () => {
  test('pauses until a day, resumes, and revokes for good', async () => {
    const { mandate } = await mandates.active({})
    const id = mandate.mandate_id
    const paused = await command(id, { command: 'pause', pause_end_date: await mandates.epochInDays(30) })
    expect(paused.body).toMatchObject({ mandate_status: 'PAUSED', response_message: 'Mandate is Paused.' })
    expect(paused.body.pause_end_date).toMatch(ISO)
    const resumed = await command(id, { command: 'resume' })
    expect(resumed.body).toMatchObject({ mandate_status: 'ACTIVE', response_message: 'Mandate is Resumed.' })
    expect(resumed.body.pause_end_date).toBe(paused.body.pause_end_date)
    expect((await command(id, { command: 'revoke' })).body).toEqual({ mandate_id: id, mandate_status: 'REVOKED' })
    for (const form of [{ command: 'pause' }, { command: 'resume' }]) {
      const { body, status } = await command(id, form)
      expect([status, body.error_info.code]).toEqual([400, 'INVALID_ACTION'])
    }
  })

  test('may name a day to come: the pause and its end happen then, at the bank too', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    const id = mandate.mandate_id
    const planned = await command(id, { command: 'pause', pause_start_date: await mandates.epochInDays(2) })
    expect(planned.body).toMatchObject({ mandate_status: 'ACTIVE', response_message: 'Mandate will be Paused.' })
    await advanceClock(server, DAY)
    expect((await mandates.execute({ mandate_id: id })).body.status).toBe('CHARGED')
    await advanceClock(server, 2 * DAY)
    expect((await command(id, { command: 'check_status' })).body.status).toBe('PAUSED')
    expect((await mandates.execute({ mandate_id: id })).body.error_info.code).toBe('INVALID_ACTION')
    const later = await command(id, { command: 'resume', resume_date: await mandates.epochInDays(2) })
    expect(later.body).toMatchObject({ mandate_status: 'PAUSED', response_message: 'Mandate will be Resumed.' })
    await advanceClock(server, 3 * DAY)
    expect((await command(id, { command: 'check_status' })).body.status).toBe('ACTIVE')
    expect((await mandates.execute({ mandate_id: id })).body.status).toBe('CHARGED')
  })

  test('takes a planned pause back', async () => {
    const { mandate } = await mandates.active({ 'mandate.frequency': 'DAILY' }, mandates.bank)
    const id = mandate.mandate_id
    await command(id, { command: 'pause', pause_start_date: await mandates.epochInDays(1) })
    await command(id, { command: 'resume' })
    await advanceClock(server, 2 * DAY)
    expect((await command(id, { command: 'check_status' })).body.status).toBe('ACTIVE')
  })

  test('stops a charge that still waits, and no other', async () => {
    const { mandate } = await mandates.active({})
    const id = mandate.mandate_id
    const waiting = (await mandates.execute({ mandate_id: id })).body
    const stop = { command: 'cancel_recurring_transaction', order_id: waiting.order_id }
    expect((await command(id, stop)).body).toEqual({
      order_id: waiting.order_id,
      txn_uuid: waiting.txn_uuid,
      txn_status: 'JUSPAY_DECLINED',
      response_message: 'Transaction successfully terminated at Juspay end.',
    })
    expect(await statusOf(waiting.order_id)).toMatchObject({
      status: 'JUSPAY_DECLINED',
      status_id: 22,
      bank_error_code: 'JP_852',
      bank_error_message: 'Transaction was declined by merchant.',
    })
    const again = await command(id, stop)
    expect([again.status, again.body.message]).toEqual([400, 'No active recurring transactions are scheduled.'])
    const unknown = await command(id, { ...stop, order_id: 'NOTHING' })
    expect([unknown.status, unknown.body.message]).toEqual([400, 'No scheduled recurring transactions are found.'])
    const none = await command(id, { command: 'cancel_recurring_transaction' })
    expect([none.status, none.body.error_message]).toEqual([400, 'Please send order_id'])
  })

  test('that nobody knows is refused', async () => {
    const { mandate } = await mandates.active({})
    for (const form of [{ command: 'destroy' }, { command: 'toString' }, {}]) {
      const { body, status } = await command(mandate.mandate_id, form)
      expect([status, body]).toMatchObject([
        400,
        { status: 'Invalid Request', error_code: 'bad_request', error_message: 'Invalid command' },
      ])
    }
  })
})

describe('A notification', () => {
  const ask = (id: string, reference: string, txn_date: string, amount = '500.00') =>
    command(id, {
      command: 'pre_debit_notify',
      object_reference_id: reference,
      description: 'Tea of December',
      source_info: JSON.stringify({ amount, txn_date, 'mandate.display_invoice_number': 'INV-7' }),
    })

  test('is sent once, however often it is asked for, and read by the merchant’s reference', async () => {
    const { mandate } = await mandates.active({})
    const day = await mandates.epochInDays(1)
    const first = await ask(mandate.mandate_id, 'TOLD1', day)
    expect(first.body, first.text).toMatchObject({ status: 'SUCCESS', object_reference_id: 'TOLD1' })
    expect(first.body.source_info['mandate.display_invoice_number']).toBe('INV-7')
    expect((await ask(mandate.mandate_id, 'TOLD1', day)).body).toEqual(first.body)
    expect((await juspay.get('/notifications/TOLD1')).body).toEqual(first.body)
    expect((await juspay.get(`/notifications/${first.body.id}`)).body).toEqual(first.body)
    const other = await ask(mandate.mandate_id, 'TOLD1', day, '400.00')
    expect([other.status, other.body.error_info.code]).toEqual([400, 'DUPLICATE_REQUEST'])
    const unknown = await juspay.get('/notifications/NOBODY')
    expect([unknown.status, unknown.body.error_code]).toEqual([404, 'notification_not_found'])
  })

  test('that fails says why, and blocks its charge', async () => {
    const { mandate } = await mandates.active({}, { card_token: 'tok_mandate_notice_fails' })
    const { body } = await ask(mandate.mandate_id, 'NOTTOLD1', await mandates.epochInDays(1))
    expect(body).toMatchObject({ status: 'FAILURE', response_code: 'N1' })
    const charge = { mandate_id: mandate.mandate_id, 'mandate.notification_id': 'NOTTOLD1' }
    const reply = await mandates.execute(charge)
    expect([reply.status, reply.body.error_info.fields[0]]).toEqual([
      400,
      { field_name: 'mandate.notification_id', reason: 'notice failed' },
    ])
  })

  test.each([
    [{ object_reference_id: '' }, 'object_reference_id'],
    [{ source_info: '{"txn_date":"4000000000"}' }, 'source_info.amount'],
    [{ source_info: '{"amount":"5.00"}' }, 'source_info.txn_date'],
    [{ source_info: '{"amount":"5.00","txn_date":"soon"}' }, 'source_info.txn_date'],
  ])('with %o is refused', async (more, field) => {
    const { mandate } = await mandates.active({})
    const form = { command: 'pre_debit_notify', object_reference_id: 'BAD1', source_info: '{}', ...more }
    const { body, status } = await command(mandate.mandate_id, form)
    expect([status, body.error_info.fields[0].field_name]).toEqual([400, field])
  })
})
