// In live mode a shop may frame the payment page only as long as its origin is registered: it counts when the session
// is opened and again each time the page is loaded. The shop here is an https page, as live ones are.
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiKeys } from '../../src/operations/create-merchant.ts'
import { launchChromium } from '../../src/testing/chromium.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

const SHOP = 'https://shop.example'
let server: TestServer
let browser: Browser
let page: Page
let live: ReturnType<typeof merchantClient>

beforeAll(async () => {
  server = await startTestServer({ live: true })
  browser = await launchChromium()
  const { deps } = server.runtime
  const { secretKey } = await createApiKeys(deps, { merchantId: server.merchantId, mode: 'live' }, 'shop')
  live = merchantClient({ baseUrl: server.baseUrl, secretKey })
  // Browsers ask before a page of the web may frame one of this machine.
  page = await (await browser.newContext({ permissions: ['local-network-access'] })).newPage()
})
afterAll(async () => {
  await browser.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function register(origins: readonly string[]): Promise<void> {
  // The demo merchant has no live gateway: cash is what its live orders can be paid with.
  const cash_on_delivery = { max_amount: 100_000, currency: 'INR' }
  const { status } = await live.post('/v1/payment-page', { frame_origins: origins, cash_on_delivery })
  expect(status).toBe(200)
}

async function openSession(): Promise<{ status: number; url: string; code: unknown }> {
  const order = { reference: randomUUID(), amount: 50_000, currency: 'INR' }
  const { id } = (await live.post('/v1/orders', order)).body
  const { status, body } = await live.post(`/v1/orders/${String(id)}/sessions`, { frame_origins: [SHOP] })
  return { status, url: String(body['url']), code: body['code'] }
}

/** What the shop's page holds once its frame has loaded or was refused. */
async function frameIn(url: string): Promise<void> {
  await page.route(`${SHOP}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Shop</title><iframe src="${url}"></iframe>`,
    }),
  )
  await page.goto(`${SHOP}/basket`)
}

test('a live session that names a page nobody registered is not opened', async () => {
  await register([])
  expect(await openSession()).toMatchObject({ status: 422, code: 'origin_not_registered' })
})

test('a registered shop shows the page; once it is struck off, the same session is shown there no more', async () => {
  await register([SHOP])
  const { status, url } = await openSession()
  expect(status).toBe(201)
  await frameIn(url)
  const frame = page.frameLocator('iframe')
  await frame.getByRole('radio', { name: /^Cash on delivery/ }).waitFor()
  expect(await frame.getByText('Test mode').isVisible()).toBe(false)

  await register(['https://another.example'])
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/i.test(message.text()))
  await page.reload()
  await refused
  expect(page.frames().map((it) => it.url())).not.toContain(url)
  const policy = (await fetch(url)).headers.get('content-security-policy')
  expect(policy).toContain("frame-ancestors 'none'")
})
