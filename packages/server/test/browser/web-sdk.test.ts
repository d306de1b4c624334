// The web SDK on a merchant's page, as an app uses it: prefetch, initiate, process, events, back, terminate. The
// page is of another origin than Purser and has a strict policy of its own.
import { gzipSync } from 'node:zlib'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { eventNamed, eventsOf, givenSession, openEmbeddingPage } from '../../src/testing/embedding-page.ts'
import type { EmbeddingPage } from '../../src/testing/embedding-page.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, PHONE } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let shop: EmbeddingPage
let page: Page
let complaints: string[]
let hints: string[]

beforeAll(async () => {
  server = await startTestServer()
  shop = await openEmbeddingPage(server.baseUrl)
  browser = await launchChromium()
})
beforeEach(async () => {
  await visit(DESKTOP)
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `failed-${task.id}`)
  await page.context().close()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  shop.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function visit(device: typeof DESKTOP): Promise<void> {
  const context = await browser.newContext(device)
  complaints = []
  hints = []
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    if (message.type() === 'info') hints.push(message.text())
    if (message.type() === 'error') complaints.push(message.text())
  })
  page = await context.newPage()
  await page.goto(shop.address)
}

const initiate = (payload: object) =>
  page.evaluate(`Purser.initiate(${JSON.stringify(payload)}, (event) => window.events.push(event))`)
const process = (payload: object) => page.evaluate(`Purser.process(${JSON.stringify(payload)})`)
const frame = (): FrameLocator => page.frameLocator('iframe[title="Payment"]')
const payButton = () => frame().getByRole('button', { name: /^Pay ₹/ })
const heading = (name: string) => frame().getByRole('heading', { name, level: 2 })
const full = (token: string, action: string) => ({
  requestId: `request-${action}`,
  service: 'purser',
  payload: { action, clientAuthToken: token },
})
const leftovers = () =>
  page.evaluate<{ frames: number; overflow: string }>(
    "({ frames: document.querySelectorAll('iframe, dialog').length, overflow: document.documentElement.style.overflow })",
  )

async function chooseCard(token: string): Promise<void> {
  await frame().getByRole('radio', { name: /^Card/ }).check()
  await frame().getByLabel('Test card').selectOption(token)
}
async function orderOf(orderId: string) {
  const { body } = await merchantClient(server).get(`/v1/orders/${orderId}`)
  return body as { status: string; payments: readonly { id: string; status: string }[] }
}

describe('the flow', () => {
  test('prefetch, initiate, process: the page opens at once, the payer pays, and the app hears it', async () => {
    await page.evaluate('Purser.preFetch()')
    const { orderId, token } = await givenSession(server, shop.origin)
    await initiate(full(token, 'initiate'))
    expect(await eventNamed(page, 'initiate_result')).toMatchObject({
      service: 'purser',
      requestId: 'request-initiate',
      error: false,
      errorCode: '',
      payload: { action: 'initiate', status: 'success', methods: ['upi', 'card', 'netbanking', 'wallet'] },
    })
    expect(await page.evaluate('Purser.isInitialised()')).toBe(true)
    expect(await page.locator('dialog').isVisible()).toBe(false)

    await process(full(token, 'paymentPage'))
    await payButton().waitFor()
    await keepPicture(page, 'sdk-desktop-choose')
    await chooseCard('tok_approve')
    await payButton().click()
    await heading('Payment complete').waitFor()
    await keepPicture(page, 'sdk-desktop-paid')
    await frame().getByRole('button', { name: 'Return to Demo Store' }).click()

    expect(await eventNamed(page, 'process_result')).toMatchObject({
      service: 'purser',
      requestId: 'request-paymentPage',
      error: false,
      errorCode: '',
      payload: { action: 'paymentPage', status: 'charged', paymentInstrument: 'card' },
    })
    expect((await eventsOf(page)).map(({ event }) => event)).toEqual([
      'initiate_result',
      'show_loader',
      'hide_loader',
      'hide_loader',
      'process_result',
    ])
    expect(await leftovers()).toEqual({ frames: 0, overflow: '' })
    expect((await orderOf(orderId)).status).toBe('paid')
  })

  test('the page is ready for a tap within 500 ms of process, when it was initiated before', async () => {
    const { token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await eventNamed(page, 'initiate_result')
    await page.evaluate(`window.started = performance.now(); Purser.process({ client_token: '${token}' })`)
    await payButton().click({ trial: true })
    // The click above waits in steps of its own; the frame itself says when it was shown.
    const opened = await page.evaluate<number>(
      'new Promise((done) => requestAnimationFrame(() => done(performance.now() - window.started)))',
    )
    expect(opened).toBeLessThan(500)
  })

  test('at a gap of 0 seconds the page opens all the same, with a hint for the developer', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await page.evaluate(`
      Purser.initiate({ client_token: '${token}' }, (event) => window.events.push(event))
      Purser.process({ client_token: '${token}' })`)
    await chooseCard('tok_approve')
    await payButton().click()
    await frame().getByRole('button', { name: 'Return to Demo Store' }).click()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ payload: { status: 'charged' } })
    expect((await eventsOf(page)).map(({ event }) => event)[0]).toBe('show_loader')
    expect(hints.join()).toMatch(/at least 5 seconds/)
    expect((await orderOf(orderId)).status).toBe('paid')
  })

  test('at a gap of 5 seconds there is no hint, and it pays', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await page.waitForTimeout(5_050)
    await process({ client_token: token })
    await chooseCard('tok_approve')
    await payButton().click()
    await eventNamed(page, 'process_result')
    expect(hints).toEqual([])
    expect((await orderOf(orderId)).status).toBe('paid')
  })

  test('initiate without a session warms the page, and process brings the session', async () => {
    await initiate({ requestId: 'a', service: 'in.juspay.hyperpay', payload: { action: 'initiate' } })
    expect(await eventNamed(page, 'initiate_result')).toMatchObject({ error: false, service: 'in.juspay.hyperpay' })
    const { token } = await givenSession(server, shop.origin)
    await process(full(token, 'paymentPage'))
    await payButton().waitFor()
  })

  test('an app pays twice in a row: the second order opens after the first has its result', async () => {
    const first = await givenSession(server, shop.origin)
    await initiate({ client_token: first.token })
    await process({ client_token: first.token })
    await chooseCard('tok_approve')
    await payButton().click()
    await eventNamed(page, 'process_result')
    await page.evaluate('window.events = []')
    const second = await givenSession(server, shop.origin, { amount: 77_00 })
    await process({ client_token: second.token })
    await frame().getByRole('button', { name: 'Pay ₹77.00' }).waitFor()
  })

  test('what the app passes on as text, as bridges do, is read alike', async () => {
    const { token } = await givenSession(server, shop.origin)
    await page.evaluate(
      `Purser.initiate(JSON.stringify(${JSON.stringify(full(token, 'initiate'))}), (event) => window.events.push(event))`,
    )
    expect((await eventNamed(page, 'initiate_result')).error).toBe(false)
  })
})

describe('when the payer leaves', () => {
  test('the first screen, by the button, the key or the app’s back: backpressed', async () => {
    const leave = [
      () => frame().getByRole('button', { name: 'Back to Demo Store' }).click(),
      () => page.keyboard.press('Escape'),
      () => page.evaluate('Purser.onBackPressed()'),
    ]
    const { token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    for (const by of leave) {
      await page.evaluate('window.events = []')
      await process({ client_token: token })
      await payButton().waitFor()
      await by()
      expect(await eventNamed(page, 'process_result')).toMatchObject({
        error: true,
        errorCode: 'JP_002',
        payload: { status: 'backpressed' },
      })
    }
    expect(await page.evaluate('Purser.onBackPressed()')).toBe(false)
  })

  test('while a payment waits for them: user_aborted, and the payment is not stopped by that', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await process({ client_token: token })
    await payButton().click()
    await heading('Scan to pay').waitFor()
    await page.evaluate('Purser.onBackPressed()')
    expect(await eventNamed(page, 'process_result')).toMatchObject({
      error: true,
      errorCode: 'JP_002',
      payload: { status: 'user_aborted', paymentInstrument: 'upi' },
    })
    expect((await orderOf(orderId)).payments).toMatchObject([{ status: 'requires_action' }])
  })

  test.each([
    ['tok_decline_insufficient_funds', 'authorization_failed'],
    ['tok_decline_suspected_fraud', 'authorization_failed'],
    ['tok_http_500_not_applied', 'authorizing'],
  ])('after %s: %s', async (card, status) => {
    const { token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await process({ client_token: token })
    await chooseCard(card)
    await payButton().click()
    await frame()
      .getByRole('heading', { name: /Payment not completed|We are checking/ })
      .waitFor()
    await frame().getByRole('button', { name: 'Back to Demo Store' }).click()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ error: true, payload: { status } })
  })

  test('a bank’s page opens in a tab of its own, and the frame hears the outcome by itself', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await process({ client_token: token })
    await chooseCard('tok_3ds_approve')
    await payButton().click()
    await keepPicture(page, 'sdk-bank-step')
    const opened = page.context().waitForEvent('page')
    await frame().getByRole('link', { name: 'Continue to your bank' }).click()
    const bank = await opened
    await bank.getByRole('button', { name: 'Approve' }).click()
    await bank.getByText('Go back to the page or the app').waitFor()
    await heading('Payment complete').waitFor()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ payload: { status: 'charged' } })
    expect((await orderOf(orderId)).status).toBe('paid')
  })
})

describe('terminate', () => {
  test('in the middle of a payment frees everything, says nothing more, stops no payment, and twice is fine', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await process({ client_token: token })
    await chooseCard('tok_slow')
    await payButton().click()
    await expect.poll(async () => (await orderOf(orderId)).payments.length).toBe(1)
    const before = (await eventsOf(page)).length
    await page.evaluate('Purser.terminate(); Purser.terminate()')
    expect(await leftovers()).toEqual({ frames: 0, overflow: '' })
    expect(await page.evaluate('Purser.isInitialised()')).toBe(false)
    await expect.poll(async () => (await orderOf(orderId)).status).toBe('paid')
    expect(await eventsOf(page)).toHaveLength(before)
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true)
  })

  test('is followed by an initiate that works', async () => {
    const { token } = await givenSession(server, shop.origin)
    await initiate({ client_token: token })
    await page.evaluate('Purser.terminate(); window.events = []')
    await initiate({ client_token: token })
    expect((await eventNamed(page, 'initiate_result')).error).toBe(false)
    await process({ client_token: token })
    await payButton().waitFor()
  })

  test('may come before anything else', async () => {
    await page.evaluate('Purser.terminate()')
  })
})

describe('what goes wrong', () => {
  test.each([
    ['{"client_token": 1', 'JP_001'],
    ['[]', ''],
    ['"x"', 'JP_003'],
    ['{"client_token":"ct_test_short"}', 'JP_003'],
  ])('a payload of %s is answered by name', async (payload, code) => {
    await page.evaluate(`Purser.initiate(${JSON.stringify(payload)}, (event) => window.events.push(event))`)
    expect(await eventNamed(page, 'initiate_result')).toMatchObject({ error: code !== '', errorCode: code })
  })

  test('process without a session is api_failure', async () => {
    await initiate({})
    await process({})
    expect(await eventNamed(page, 'process_result')).toMatchObject({
      error: true,
      errorCode: 'JP_001',
      payload: { action: 'paymentPage', status: 'api_failure' },
    })
  })

  test('a page that never comes is api_failure within 15 seconds, and nothing hangs', async () => {
    const { token } = await givenSession(server, shop.origin)
    await page.route('**/pay/*', () => {})
    await initiate({ client_token: token })
    await process({ client_token: token })
    expect(await eventNamed(page, 'process_result')).toMatchObject({
      errorCode: 'JP_001',
      payload: { status: 'api_failure' },
    })
    expect(await leftovers()).toEqual({ frames: 0, overflow: '' })
  })
})

describe('the element', () => {
  test('shows the page inside the shop’s own, and tells the result as an event', async () => {
    const { orderId, token } = await givenSession(server, shop.origin)
    await page.evaluate(`
      const checkout = document.createElement('purser-checkout')
      checkout.setAttribute('client-token', '${token}')
      checkout.addEventListener('purser', ({ detail }) => window.events.push(detail))
      document.body.append(checkout)`)
    await chooseCard('tok_approve')
    await keepPicture(page, 'sdk-element')
    await payButton().click()
    expect(await eventNamed(page, 'process_result')).toMatchObject({ payload: { status: 'charged' } })
    expect((await orderOf(orderId)).status).toBe('paid')
    await page.evaluate("document.querySelector('purser-checkout').remove()")
    expect((await leftovers()).frames).toBe(0)
  })
})

describe('in the web view of an app', () => {
  test.each([
    ['React Native', 'window.ReactNativeWebView = { postMessage: (text) => window.told.push(text) }'],
    ['Android', 'window.PurserBridge = { postMessage: (text) => window.told.push(text) }'],
    ['iOS', 'window.webkit = { messageHandlers: { purser: { postMessage: (text) => window.told.push(text) } } }'],
  ])('the page tells the bridge of %s, and hears the app’s back', async (_, bridge) => {
    await page.context().close()
    const context = await browser.newContext(PHONE)
    page = await context.newPage()
    await page.addInitScript(`window.told = []; ${bridge}`)
    const { url } = await givenSession(server, undefined)
    await page.goto(url)
    await page.getByRole('button', { name: /^Pay ₹/ }).waitFor()
    await page.evaluate("window.postMessage('purser:back', location.origin)")
    await expect.poll(() => page.evaluate<number>('window.told.length')).toBe(1)
    const [told] = await page.evaluate<string[]>('window.told')
    expect(JSON.parse(told ?? '')).toMatchObject({
      service: 'purser',
      event: 'process_result',
      error: true,
      payload: { status: 'backpressed' },
    })
  })
})

describe('the files', () => {
  test('weigh at most 6 kB each, and say how long they may be kept', async () => {
    for (const name of ['purser.js', 'purser.mjs']) {
      const reply = await fetch(`${server.baseUrl}/sdk/${name}`)
      expect(reply.headers.get('content-type')).toContain('text/javascript')
      expect(reply.headers.get('cache-control')).toBe('public, max-age=300')
      expect(reply.headers.get('access-control-allow-origin')).toBe('*')
      expect(gzipSync(Buffer.from(await reply.arrayBuffer()), { level: 9 }).length).toBeLessThanOrEqual(6_000)
      const again = await fetch(`${server.baseUrl}/sdk/${name}`, {
        headers: { 'if-none-match': reply.headers.get('etag') ?? '' },
      })
      expect(again.status).toBe(304)
    }
  })

  test('as a module it exports the same functions', async () => {
    const names = await page.evaluate<string[]>(
      `import('${server.baseUrl}/sdk/purser.mjs').then((module) => Object.keys(module).sort())`,
    )
    expect(names).toEqual(['initiate', 'isInitialised', 'onBackPressed', 'preFetch', 'process', 'terminate'])
  })
})
