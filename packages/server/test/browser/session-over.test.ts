// A session whose time runs out while somebody looks at it, by the test clock: in the shop's frame, in a tab, with a
// payment under way. The app is told, nothing is paid twice, and nobody is left without an answer.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { eventNamed, eventsOf, givenSession, openEmbeddingPage } from '../../src/testing/embedding-page.ts'
import type { EmbeddingPage } from '../../src/testing/embedding-page.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let browser: Browser
let shop: EmbeddingPage
let page: Page

beforeAll(async () => {
  server = await startTestServer()
  shop = await openEmbeddingPage(server.baseUrl)
  browser = await launchChromium()
})
beforeEach(async () => {
  page = await (await browser.newContext(DESKTOP)).newPage()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `failed-${task.id}`)
  await page.context().close()
})
afterAll(async () => {
  await browser.close()
  shop.close()
  expect(server.errors).toEqual([])
  await server.close()
})

const MINUTE = { expires_in_seconds: 60 }
const frame = () => page.frameLocator('iframe[title="Payment"]')
const orderOf = async (orderId: string) => {
  const { body } = await merchantClient(server).get(`/v1/orders/${orderId}`)
  return body as { status: string; payments: readonly { id: string; status: string }[] }
}

async function openInShop(): Promise<string> {
  const { orderId, token } = await givenSession(server, shop.origin, { session: MINUTE })
  await page.goto(shop.address)
  await page.evaluate(`Purser.initiate({ client_token: '${token}' }, (event) => window.events.push(event))`)
  await page.evaluate(`Purser.process({ client_token: '${token}' })`)
  await frame()
    .getByRole('button', { name: /^Pay ₹/ })
    .waitFor()
  return orderId
}

async function openInTab(): Promise<string> {
  const { orderId, url } = await givenSession(server, undefined, { session: MINUTE })
  await page.goto(url)
  await page.getByRole('button', { name: /^Pay ₹/ }).waitFor()
  return orderId
}

describe('in the shop’s frame', () => {
  test('while the payer chooses: sessionExpired comes once, the page says so, and going back ends it', async () => {
    const orderId = await openInShop()
    await advanceClock(server, 61)
    const told = await eventNamed(page, 'sessionExpired')
    expect(told).toMatchObject({ error: false, errorCode: '', service: 'purser' })
    expect(Date.parse(String(told.payload['timestamp']))).toBeGreaterThan(0)
    await frame().getByRole('heading', { name: 'This payment page has expired' }).waitFor()
    await keepPicture(page, 'sdk-expired')
    await frame().getByRole('button', { name: 'Return to Demo Store' }).click()
    expect(await eventNamed(page, 'process_result')).toMatchObject({
      error: true,
      errorCode: 'JP_012',
      payload: { status: 'new' },
    })
    expect((await eventsOf(page)).filter(({ event }) => event === 'sessionExpired')).toHaveLength(1)
    expect(await page.evaluate("document.querySelectorAll('iframe, dialog').length")).toBe(0)
    expect((await orderOf(orderId)).payments).toEqual([])
  })

  test('a new session of the same order then pays it, in the same page of the shop', async () => {
    const orderId = await openInShop()
    await advanceClock(server, 61)
    await eventNamed(page, 'sessionExpired')
    await page.evaluate('Purser.onBackPressed()')
    await eventNamed(page, 'process_result')
    const { body } = await merchantClient(server).post(`/v1/orders/${orderId}/sessions`, {
      frame_origins: [shop.origin],
    })
    await page.evaluate(`window.events = []; Purser.process({ client_token: '${String(body['client_token'])}' })`)
    await frame().getByRole('radio', { name: /^Card/ }).check()
    await frame().getByLabel('Test card').selectOption('tok_approve')
    await frame()
      .getByRole('button', { name: /^Pay ₹/ })
      .click()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ error: false, payload: { status: 'charged' } })
    expect((await orderOf(orderId)).status).toBe('paid')
  })

  test('while a payment waits for its payer: the page still follows it, and tells that it was paid', async () => {
    const orderId = await openInShop()
    await frame()
      .getByRole('button', { name: /^Pay ₹/ })
      .click()
    await frame().getByRole('heading', { name: 'Scan to pay' }).waitFor()
    await advanceClock(server, 61)
    const [payment] = (await orderOf(orderId)).payments
    const gateway = await gatewayVoice(server)
    await gateway.payAfterAll(payment?.id ?? '')
    await gateway.notify(await gateway.payment(payment?.id ?? ''))
    await frame().getByRole('heading', { name: 'Payment complete' }).waitFor()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ error: false, payload: { status: 'charged' } })
    expect((await orderOf(orderId)).payments).toMatchObject([{ status: 'captured' }])
  })
})

describe('in a tab', () => {
  test('a tap that comes after it starts nothing, and the page says why', async () => {
    const orderId = await openInTab()
    // The page cannot notice by itself: only the tap brings the news.
    await page.route('**/sdk/v1/session', (route) => route.abort())
    await advanceClock(server, 61)
    await page.getByRole('button', { name: /^Pay ₹/ }).click()
    await expect.poll(() => page.getByText('No connection.').count()).toBe(1)
    await page.unroute('**/sdk/v1/session')
    await page.getByRole('heading', { name: 'This payment page has expired' }).waitFor()
    expect((await orderOf(orderId)).payments).toEqual([])
  })

  test('somebody who comes back to it while a payment is under way is told not to pay again', async () => {
    const orderId = await openInTab()
    await page.getByRole('button', { name: /^Pay ₹/ }).click()
    await page.getByRole('heading', { name: 'Scan to pay' }).waitFor()
    await advanceClock(server, 61)
    await page.reload()
    await page.getByText('Please do not pay again').waitFor()
    expect(await page.getByRole('button', { name: /^Pay ₹/ }).count()).toBe(0)
    expect((await orderOf(orderId)).payments).toMatchObject([{ status: 'requires_action' }])
  })
})
