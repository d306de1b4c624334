// The shop of examples/: from its first screen to paid, by what a customer can read and in at most six actions, and
// what it makes of a webhook that nobody signed.
import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createShop } from '../../../../examples/shop/server.ts'
import { accessibilityProblems } from '../../src/testing/accessibility.ts'
import { launchChromium } from '../../src/testing/chromium.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { keepPicture, PHONE } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let page: Page
let shop: ReturnType<typeof createShop>
let address: string
let webhookSecret: string
let complaints: string[]

beforeAll(async () => {
  server = await startTestServer()
  const settings = { purser: server.baseUrl, secretKey: server.secretKey, webhookSecret: '' }
  shop = createShop(settings)
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  const endpoint = await merchantClient(server).post('/v1/webhook-endpoints', { url: `${address}/webhooks` })
  webhookSecret = String(endpoint.body['secret'])
  Object.assign(settings, { webhookSecret })
  browser = await launchChromium()
})
beforeEach(async () => {
  complaints = []
  page = await (await browser.newContext(PHONE)).newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `failed-${task.id}`)
  await page.context().close()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  shop.close()
  shop.closeAllConnections()
  expect(server.errors).toEqual([])
  await server.close()
})

test('a customer buys the shirt in five actions, and the shop believes its own question', async () => {
  let actions = 0
  const act = async (done: Promise<unknown>) => {
    actions += 1
    await done
  }
  await page.goto(address)
  await keepPicture(page, 'shop-home')
  expect(await accessibilityProblems(page)).toEqual([])
  await act(page.getByRole('link', { name: 'Buy the shirt' }).click())
  await page.getByText('One shirt, sent to your door: ₹499.00').waitFor()
  await keepPicture(page, 'shop-basket')
  expect(await accessibilityProblems(page)).toEqual([])
  await act(page.getByRole('button', { name: 'Check out' }).click())
  const frame = page.frameLocator('iframe[title="Payment"]')
  await act(frame.getByRole('radio', { name: /^Wallet/ }).check())
  await keepPicture(page, 'shop-paying')
  await act(frame.getByLabel('Choose your wallet').selectOption({ label: 'Sandbox Wallet' }))
  await act(frame.getByRole('button', { name: 'Pay ₹499.00' }).click())
  await page.getByText('Paid. Thank you!').waitFor()
  expect(actions).toBeLessThanOrEqual(6)
  await keepPicture(page, 'shop-paid')
  expect(await page.locator('iframe').count()).toBe(0)

  const { items } = (await merchantClient(server).get('/v1/orders')).body as { items: { id: string; amount: number }[] }
  expect(items[0]).toMatchObject({ amount: 49_900, status: 'paid' })
  const asked = async () => (await (await fetch(`${address}/orders/${items[0]?.id}`)).json()) as object
  await expect.poll(asked).toEqual({ status: 'paid', told_by_webhook: true })
})

test('a customer who goes back has paid nothing and may try again', async () => {
  await page.goto(`${address}/basket?item=mug`)
  await page.getByRole('button', { name: 'Check out' }).click()
  const frame = page.frameLocator('iframe[title="Payment"]')
  await frame.getByRole('button', { name: 'Back to Demo Store' }).click()
  await page.getByText('Not paid. You can try again.').waitFor()
  await page.getByRole('button', { name: 'Check out' }).click()
  await frame.getByRole('button', { name: 'Pay ₹249.00' }).waitFor()
})

test('a webhook counts when it is signed, whole and fresh, and not otherwise', async () => {
  const orderId = 'ord_00000000000000000000000000'
  const body = JSON.stringify({ type: 'order.paid', data: { order: { id: orderId } } })
  const deliver = async (secret: string, text: string, age = 0) => {
    const time = String(Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000) - age)
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const signature = createHmac('sha256', key).update(`msg_1.${time}.${body}`).digest('base64')
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` }
    return (await fetch(`${address}/webhooks`, { method: 'POST', headers, body: text })).status
  }
  expect(await deliver(`whsec_${Buffer.alloc(32).toString('base64')}`, body)).toBe(401)
  expect(await deliver(webhookSecret, body.replace('order.paid', 'order.open'))).toBe(401)
  expect(await deliver(webhookSecret, body, 600)).toBe(401)
  expect((await fetch(`${address}/webhooks`, { method: 'POST', body })).status).toBe(401)
  expect(await deliver(webhookSecret, body)).toBe(200)
})
