import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { surfaces } from '../dialects/registry.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import { ReceiptId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import { createReceiptLink } from '../operations/create-receipt-link.ts'
import type { Actor } from '../operations/deps.ts'
import { issueReceipt } from '../operations/issue-receipt.ts'
import { callApp, freshKey, startTestApi } from '../testing/api-setup.ts'
import type { TestApi } from '../testing/api-setup.ts'
import { givenGatewayAccount, givenPayment, givenRefund } from '../testing/given-payment.ts'
import { readPdf } from '../testing/pdf-content.ts'
import { pageSurfaces } from './page-surfaces.ts'

let api: TestApi
let actor: Actor
let receipt: Receipt

beforeAll(async () => {
  api = await startTestApi({ surfaces: [...surfaces, ...pageSurfaces] })
  const { tenant, keyId } = api.merchant
  actor = { tenant, kind: 'key', id: keyId, requestId: null, scopes: ['read'] }
  await givenGatewayAccount(api.db, tenant)
  const payment = await givenPayment(api.db, tenant, { order: { payer: person('<b>Asha</b>') } })
  receipt = (await issueReceipt(api.deps, actor, { paymentId: payment.id })).receipt
})
afterAll(() => api.close())

const person = (name: string) => ({ name, email: null, phone: null })

async function link(expiresInSeconds = 3_600): Promise<string> {
  const { url } = await createReceiptLink(api.deps, actor, { receiptId: receipt.id, expiresInSeconds })
  return new URL(url).pathname
}

const open = (path: string, headers: Record<string, string> = {}) => callApp(api.app, { path, headers })

describe('A link to a receipt', () => {
  test('is made by a merchant for a receipt of its own, and its token is kept nowhere', async () => {
    const path = `/v1/receipts/${receipt.id}/links`
    const idempotencyKey = freshKey()
    const request = { method: 'POST', path, body: { expires_in_seconds: 600 }, idempotencyKey }
    const made = await api.call(request)
    expect(made).toMatchObject({ status: 201, body: { object: 'receipt_link', receipt_id: receipt.id } })
    expect((await api.call(request)).text).toBe(made.text)
    const { pathname } = new URL(made.body.url)
    const token = pathname.replace('/receipts/', '')
    expect(token).toMatch(/^rl_test_[0-9a-f]{64}$/)
    expect((await open(pathname)).status).toBe(200)

    const { owner } = api.db.pools
    const { rows: tables } = await owner.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'purser'`,
    )
    for (const { name } of tables) {
      const { rows } = await owner.query(`select 1 from purser.${name} t where t::text like $1`, [`%${token}%`])
      expect({ name, rows }).toEqual({ name, rows: [] })
    }
    const { rows: audit } = await owner.query(
      `select details from audit where action = 'receipt_link.created' and object_id = $1`,
      [receipt.id],
    )
    expect(audit).toEqual([{ details: { number: receipt.number, expires_at: made.body.expires_at } }])
  })

  test('is refused for a receipt of another merchant, for one that is not there, and for longer than 90 days', async () => {
    const path = `/v1/receipts/${receipt.id}/links`
    const foreign = await api.call({ method: 'POST', path, body: {}, token: api.stranger.secretKey })
    const unknown = await api.call({
      method: 'POST',
      path: `/v1/receipts/${ReceiptId.create(new Date(0))}/links`,
      body: {},
    })
    for (const reply of [foreign, unknown])
      expect(reply).toMatchObject({ status: 404, body: { code: 'receipt_not_found' } })
    for (const seconds of [0, 59, 7_776_001, 1.5]) {
      const reply = await api.call({ method: 'POST', path, body: { expires_in_seconds: seconds } })
      expect(reply.status).toBeGreaterThanOrEqual(400)
      await expect(link(seconds)).rejects.toMatchObject({ code: 'field_invalid' })
    }
  })

  test('shows the page of the receipt, which runs nothing and is indexed nowhere', async () => {
    const { status, headers, text } = await open(await link())
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex, nofollow',
    })
    const [, nonce] = /<style nonce="([^"]+)">/.exec(text) ?? []
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(text).toContain(receipt.number)
    expect(text).toContain('&#60;b&#62;Asha&#60;/b&#62;')
    expect(text).toContain('Test mode: no money was moved.')
    expect((await open(await link())).text).not.toContain(nonce)
  })

  test('has the PDF behind it', async () => {
    const path = await link()
    const page = await open(path)
    const [, href = ''] = /<a href="([^"]+)"/.exec(page.text) ?? []
    expect(href).toBe(`${path}/receipt.pdf`)
    const { statusCode, headers, rawPayload } = await api.app.inject({ method: 'GET', url: href })
    expect(statusCode).toBe(200)
    expect(headers['content-type']).toBe('application/pdf')
    expect(headers['content-disposition']).toBe(
      `attachment; filename="receipt-${receipt.number.replaceAll('/', '-')}.pdf"`,
    )
    expect((await readPdf(rawPayload)).text).toContain(receipt.number)
  })

  test('shows what happened since', async () => {
    const path = await link()
    await givenRefund(api.db, actor.tenant, receipt.paymentId, { amount: money(500n, 'INR') })
    expect((await open(path)).text).toContain('Refunded ₹5.00 on ')
  })

  test('finds nothing once it ran out, in the same words as a link that never was', async () => {
    const path = await link(60)
    const { owner } = api.db.pools
    const later = (offset: string) =>
      owner.query('update merchants set clock_offset = $2 where id = $1', [actor.tenant.merchantId, offset])
    await later('59 seconds')
    expect((await open(path)).status).toBe(200)
    await later('61 seconds')
    const expired = await open(path)
    await later('0')
    const never = await open(`/receipts/rl_test_${'0'.repeat(64)}`)
    const pdf = await open(`${path.slice(0, -1)}x/receipt.pdf`)
    for (const { status, text, headers } of [expired, never, pdf]) {
      expect(status).toBe(404)
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(text.replace(/req_[0-9a-f]+/, '')).toBe(never.text.replace(/req_[0-9a-f]+/, ''))
    }
  })

  test('is no key: neither an API nor another page takes it, and no key opens a receipt', async () => {
    const path = await link()
    const token = path.replace('/receipts/', '')
    for (const target of ['/v1/orders', '/sdk/v1/session', `/v1/payments/${receipt.paymentId}/receipt`]) {
      expect((await callApp(api.app, { path: target, token })).status, target).toBeGreaterThanOrEqual(401)
    }
    for (const other of [api.merchant.secretKey, api.merchant.publishableKey, receipt.id, '..%2f..%2fetc', '%00']) {
      expect((await open(`/receipts/${other}`)).status, other).toBe(404)
    }
    expect((await open('/receipts/')).status).toBe(404)
    expect((await open('/receipts')).status).toBe(404)
  })
})
