// A page of somebody else, in the same browser as the payer: it tries to frame the payment page, to read the
// session, to change the amount, to speak as the shop, and to send the payer elsewhere.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { givenSession, openEmbeddingPage } from '../../src/testing/embedding-page.ts'
import type { EmbeddingPage } from '../../src/testing/embedding-page.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let shop: EmbeddingPage
let attacker: EmbeddingPage
let context: BrowserContext
let page: Page

beforeAll(async () => {
  server = await startTestServer()
  shop = await openEmbeddingPage(server.baseUrl)
  attacker = await openEmbeddingPage(server.baseUrl)
  browser = await launchChromium()
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
})
afterEach(() => context.close())
afterAll(async () => {
  await browser.close()
  shop.close()
  attacker.close()
  expect(server.errors).toEqual([])
  await server.close()
})

const attack = (html: string) => page.goto(attacker.serve('/evil', `<!doctype html><title>Prizes</title>${html}`))
const inPage = <T>(code: string) => page.evaluate<T>(code)
/** What a script of the attacker's page gets for a request: the answer's text, or that it was refused. */
const fetched = (path: string, request: object = {}) =>
  inPage<string>(
    `fetch('${server.baseUrl}${path}', ${JSON.stringify(request)}).then((reply) => reply.text(), () => 'refused')`,
  )

describe('framing', () => {
  test('the payment page of a session that names the shop is shown in the shop and nowhere else', async () => {
    const { url } = await givenSession(server, shop.origin)
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/i.test(message.text()))
    await attack(`<iframe src="${url}"></iframe>`)
    await refused
    expect(page.frames().map((frame) => frame.url())).not.toContain(url)
  })

  test('a frame of the shop inside the attacker’s page is refused as well: every page around counts', async () => {
    const { url } = await givenSession(server, shop.origin)
    const inner = shop.serve('/inner', `<!doctype html><iframe src="${url}"></iframe>`)
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/i.test(message.text()))
    await attack(`<iframe src="${inner}"></iframe>`)
    await refused
    expect(page.frames().map((frame) => frame.url())).not.toContain(url)
  })

  test('what anybody may frame, the warm page, holds nothing and can ask for nothing', async () => {
    await attack(`<iframe src="${server.baseUrl}/pay/warm"></iframe>`)
    const warm = await (await page.waitForSelector('iframe')).contentFrame()
    await warm?.waitForLoadState()
    const asked = await warm?.evaluate<string>("fetch('/sdk/v1/session').then(() => 'asked', () => 'refused')")
    expect(asked).toBe('refused')
    expect(await warm?.evaluate('document.body.innerText.trim()')).toBe('')
  })
})

describe('reading', () => {
  test('the session is not told without its token: not to a stranger’s script, not with the browser’s cookies', async () => {
    const { token } = await givenSession(server, shop.origin)
    await context.addCookies([{ name: 'purser_sign_in', value: 'si_'.padEnd(67, '0'), url: server.baseUrl }])
    await attack('')
    expect(await fetched('/sdk/v1/session', { credentials: 'include' })).not.toContain('ses_')
    expect(await fetched('/sdk/v1/session')).not.toContain('ses_')
    // The page itself is of another origin and says so to nobody.
    expect(await fetched(`/pay/${token}`)).toBe('refused')
  })

  test('a page that the payer came from learns no token: no opener, no window to look into', async () => {
    const { url, token } = await givenSession(server, shop.origin)
    await attack(
      `<script>window.heard = []; addEventListener('message', ({ data }) => heard.push(JSON.stringify(data)))</script>`,
    )
    const opened = context.waitForEvent('page')
    await inPage(`void (window.victim = open(${JSON.stringify(url)}))`)
    const victim = await opened
    await victim.getByRole('button', { name: /^Pay ₹/ }).waitFor()
    const seen = await inPage<string>(`(() => {
      try { return window.victim.location.href + window.victim.document.title } catch { return 'refused' }
    })()`)
    expect(seen === 'refused' || seen === 'about:blank').toBe(true)
    expect(await victim.evaluate('window.opener')).toBeNull()
    await inPage(
      "victim.postMessage('purser:hello', '*', [new MessageChannel().port2]); victim.postMessage('purser:back', '*')",
    )
    expect((await inPage<string[]>('heard')).join()).not.toContain(token)
  })

  test('a frame that the shop holds speaks to the shop alone: a script beside it that says hello is not answered', async () => {
    const { token } = await givenSession(server, shop.origin)
    await page.goto(shop.address)
    await inPage(`Purser.initiate({ client_token: '${token}' }, (event) => events.push(event))`)
    await expect.poll(() => inPage<number>('events.length')).toBe(1)
    // An advertisement in the shop's page, from the attacker's origin, finds the frame and says hello to it.
    const frame = page.frames().find((it) => it.url().includes('/pay/'))
    const answered = await frame?.evaluate<boolean>(`new Promise((done) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => done(true)
      // As an event of another source would look: not the window around this one.
      dispatchEvent(new MessageEvent('message', { data: 'purser:hello', origin: '${attacker.origin}', source: window, ports: [port2] }))
      dispatchEvent(new MessageEvent('message', { data: 'purser:hello', origin: '${attacker.origin}', source: parent, ports: [port2] }))
      setTimeout(() => done(false), 400)
    })`)
    expect(answered).toBe(false)
  })
})

describe('changing', () => {
  test('no amount and no order is taken from a browser', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    const other = await givenSession(server, shop.origin, { amount: 100 })
    await attack('')
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': 'attacker-1',
    }
    const instrument = { method: 'card', token: 'tok_approve' }
    for (const more of [{ amount: 1 }, { order_id: other.orderId }, { currency: 'JPY' }, { session_id: other.token }]) {
      const body = JSON.stringify({ instrument, ...more })
      expect(await fetched('/sdk/v1/payments', { method: 'POST', headers, body })).toMatch(/"status":4\d\d/)
    }
    const { body } = await merchantClient(server).get(`/v1/orders/${orderId}`)
    expect(body).toMatchObject({ status: 'open', amount: 123_450, payments: [] })
  })

  test('a client token is no key: the native API knows nothing of it', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    for (const [method, path] of [
      ['GET', `/v1/orders/${orderId}`],
      ['POST', `/v1/orders/${orderId}`],
      ['POST', `/v1/orders/${orderId}/sessions`],
      ['POST', '/v1/payment-page'],
    ] as const) {
      const reply = await fetch(`${server.baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'idempotency-key': `as-a-key-${path}` },
        ...(method === 'GET' ? {} : { body: '{"amount":1}' }),
      })
      expect(reply.status).toBe(401)
    }
  })

  test('a form of the attacker’s, sent by the payer’s browser, starts nothing', async () => {
    const { orderId } = await givenSession(server, shop.origin)
    await attack(`<form method="post" action="${server.baseUrl}/sdk/v1/payments" enctype="text/plain">
      <input name='{"instrument":{"method":"card","token":"tok_approve"},"x":"' value='"}'><button>Win</button></form>`)
    await page.getByRole('button', { name: 'Win' }).click()
    await page.waitForURL(/sdk\/v1\/payments/)
    expect((await merchantClient(server).get(`/v1/orders/${orderId}`)).body['payments']).toEqual([])
  })
})

describe('sending the payer elsewhere', () => {
  test('nothing in the page’s address decides where the payer goes', async () => {
    const { url } = await givenSession(server, shop.origin, {
      session: { return_url: `${shop.origin}/thanks`, frame_origins: [] },
    })
    const evil = encodeURIComponent(attacker.address)
    await page.goto(`${url}?return_url=${evil}&redirect=${evil}&next=${evil}&returned=1#${evil}`)
    await page.getByRole('radio', { name: /^Wallet/ }).check()
    await page.getByLabel('Choose your wallet').selectOption({ label: 'Sandbox Wallet' })
    await page.getByRole('button', { name: /^Pay ₹/ }).click()
    const way = await page.getByRole('link', { name: 'Return to Demo Store' }).getAttribute('href')
    expect(new URL(way ?? '').origin).toBe(shop.origin)
  })

  test('the page a bank returns to goes only to the payment page that this tab left', async () => {
    await page.goto(
      `${server.baseUrl}/return/pay_00000000000000000000000000?to=${encodeURIComponent(attacker.address)}`,
    )
    await page.getByRole('heading', { name: 'Your payment is being checked' }).waitFor()
    expect(new URL(page.url()).origin).toBe(server.baseUrl)
  })

  test('a script or a file is no address to return to', async () => {
    const merchant = merchantClient(server)
    const orderId = await merchant.order()
    for (const return_url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//evil.example']) {
      expect((await merchant.post(`/v1/orders/${orderId}/sessions`, { return_url })).status).toBeGreaterThanOrEqual(400)
    }
  })
})
