// How the payment page treats its payer: another way to pay, two languages, the merchant's look, what is consented to,
// and news without a reload.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accessibilityProblems } from '../../src/testing/accessibility.ts'
import { launchChromium } from '../../src/testing/chromium.ts'
import { givenSession } from '../../src/testing/embedding-page.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, PHONE } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let page: Page
let orderId: string

beforeAll(async () => {
  server = await startTestServer()
  browser = await launchChromium()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `failed-${task.id}`)
  await page.context().close()
})
afterAll(async () => {
  await browser.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function arrive(device = DESKTOP, more: Parameters<typeof givenSession>[2] = {}, query = ''): Promise<void> {
  const session = await givenSession(server, undefined, more)
  orderId = session.orderId
  page = await (await browser.newContext(device)).newPage()
  await page.goto(`${session.url}${query}`)
  await page.getByRole('heading', { level: 2 }).waitFor()
}
const payButton = () => page.getByRole('button', { name: /^Pay ₹/ })
const heading = (name: string) => page.getByRole('heading', { name, level: 2 })
async function payByCard(token: string): Promise<void> {
  await page.getByRole('radio', { name: /^Card/ }).check()
  await page.getByLabel('Test card').selectOption(token)
  await payButton().click()
}
async function order() {
  const { body } = await merchantClient(server).get(`/v1/orders/${orderId}`)
  return body as { status: string; payments: readonly { id: string; status: string }[] }
}
async function fault(call: string, name: string): Promise<void> {
  const { account_id, admin_token } = server.demo.sandbox
  const reply = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ match: { call }, fault: name, times: 1 }),
  })
  expect(reply.status).toBe(201)
}

describe('another way to pay', () => {
  test('stops the attempt at the gateway and leads straight back to the choice, and the second way pays', async () => {
    await arrive()
    await payButton().click()
    await heading('Scan to pay').waitFor()
    await page.getByRole('button', { name: 'Use another way to pay' }).click()
    await heading('How would you like to pay?').waitFor()
    expect((await order()).payments).toMatchObject([{ status: 'canceled' }])
    await payByCard('tok_approve')
    await heading('Payment complete').waitFor()
    expect((await order()).payments.map(({ status }) => status)).toEqual(['canceled', 'captured'])
  })

  test('of a payment that was approved a moment before shows it as paid', async () => {
    await arrive()
    await page.route('**/events', (route) => route.abort())
    await payByCard('tok_3ds_approve')
    await page.getByRole('heading', { name: 'Confirm your payment' }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Use another way to pay' }).waitFor()
    const [payment] = (await order()).payments
    await (await gatewayVoice(server)).payAfterAll(payment?.id ?? '')
    await page.getByRole('button', { name: 'Use another way to pay' }).click()
    await heading('Payment complete').waitFor()
  })

  test('says so where the gateway did not answer, and the payment goes on', async () => {
    await arrive(PHONE)
    await payButton().click()
    await fault('cancel', 'lost_request')
    await fault('query', 'lost_request')
    await page.getByRole('button', { name: 'Use another way to pay' }).click()
    await page.getByText('This payment could not be stopped yet.').waitFor()
    await keepPicture(page, 'phone-not-stopped')
    expect((await order()).payments).toMatchObject([{ status: 'requires_action' }])
  })
})

describe('the language', () => {
  test('is the one that the browser prefers, with the amount grouped as India groups it', async () => {
    await arrive({ ...PHONE, locale: 'hi-IN' }, { amount: 12_34_567_89 })
    await heading('आप कैसे भुगतान करना चाहेंगे?').waitFor()
    await page.getByRole('button', { name: '₹12,34,567.89 का भुगतान करें' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('hi')
    await keepPicture(page, 'phone-hindi')
  })

  test('can be changed by a button, stays changed after a reload, and loses nothing that was under way', async () => {
    await arrive()
    await page.getByRole('button', { name: /हिन्दी/ }).click()
    await heading('आप कैसे भुगतान करना चाहेंगे?').waitFor()
    expect(await page.evaluate('document.activeElement.className')).toContain('language')
    await page.reload()
    await heading('आप कैसे भुगतान करना चाहेंगे?').waitFor()
    await page.getByRole('radio', { name: /^कार्ड/ }).check()
    await page.getByLabel('टेस्ट कार्ड').selectOption('tok_decline_insufficient_funds')
    await page.getByRole('button', { name: /का भुगतान करें$/ }).click()
    await page.getByText('इस खाते में पर्याप्त राशि नहीं है। दूसरा तरीका आज़माएँ।').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await heading('Payment not completed').waitFor()
  })

  test('can be changed in the middle of filling in, and what was filled in stays', async () => {
    await arrive(PHONE)
    await page.getByRole('radio', { name: 'A request to your UPI ID' }).check()
    await page.getByLabel('UPI ID', { exact: true }).fill('success@sandbox')
    await page.getByRole('button', { name: /हिन्दी/ }).click()
    expect(await page.getByLabel('UPI ID', { exact: true }).inputValue()).toBe('success@sandbox')
    await page.getByRole('radio', { name: /^कार्ड/ }).check()
    await page.getByLabel('टेस्ट कार्ड').selectOption('tok_approve')
    await page.getByRole('button', { name: 'English' }).click()
    expect(await page.getByLabel('Test card').inputValue()).toBe('tok_approve')
    await payButton().click()
    await heading('Payment complete').waitFor()
  })

  test('can be asked for by the shop', async () => {
    await arrive(DESKTOP, {}, '?lang=hi')
    await heading('आप कैसे भुगतान करना चाहेंगे?').waitFor()
  })
})

describe('the merchant’s look', () => {
  const LOGO =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  test.each(['#0a7d4f', '#ffd400', '#000000', '#ffffff'])('in %s can be read', async (color) => {
    await merchantClient(server).post('/v1/payment-page', { color, logo: LOGO })
    await arrive()
    expect(await page.evaluate<number>("document.querySelector('img.logo').naturalWidth")).toBe(1)
    expect(await page.evaluate<string>("getComputedStyle(document.querySelector('button.pay')).backgroundColor")).toBe(
      `rgb(${[1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)).join(', ')})`,
    )
    expect(await accessibilityProblems(page)).toEqual([])
    await keepPicture(page, `desktop-colour-${color.slice(1)}`)
    await merchantClient(server).post('/v1/payment-page', { color: null, logo: null })
  })
})

describe('cash on delivery', () => {
  test('is told as what it is: nothing is waited for at a bank, and nothing is paid a second time', async () => {
    await arrive(PHONE)
    const cash = { instrument: { method: 'cash_on_delivery' } }
    expect((await merchantClient(server).post(`/v1/orders/${orderId}/payments`, cash)).status).toBe(201)
    await heading('Cash on delivery').waitFor()
    await page.getByText('Please have ₹1,234.50 ready when it arrives.').waitFor()
    expect(await payButton().count()).toBe(0)
    expect(await accessibilityProblems(page)).toEqual([])
    await keepPicture(page, 'phone-cash')
  })
})

describe('a mandate', () => {
  test('is told in whole sentences before the button, and with it', async () => {
    await arrive(PHONE, {
      amount: 499_00,
      order: {
        mandate: {
          max_amount: 150_000,
          frequency: 'monthly',
          amount_rule: 'variable',
          day_rule: { rule: 'before', day: 5 },
          ends_at: '2027-11-20T00:00:00Z',
        },
      },
    })
    const consent = page.locator('#consent')
    await consent.getByRole('heading', { name: 'You also agree to later payments' }).waitFor()
    expect(await consent.textContent()).toContain(
      'Demo Store may take up to ₹1,500.00 every month, on day 5 or before, until 20 November 2027.',
    )
    expect(await payButton().getAttribute('aria-describedby')).toBe('consent')
    expect(await accessibilityProblems(page)).toEqual([])
    await keepPicture(page, 'phone-mandate')
  })
})

describe('news', () => {
  test('comes by itself: a change at the bank is on the page although it cannot ask', async () => {
    await arrive()
    await payButton().click()
    await heading('Scan to pay').waitFor()
    const gateway = await gatewayVoice(server)
    const [payment] = (await order()).payments
    // Only the stream of events is left to tell it.
    await page.route(`**/sdk/v1/payments/${payment?.id ?? ''}`, (route) => route.abort())
    await gateway.payAfterAll(payment?.id ?? '')
    await gateway.notify(await gateway.payment(payment?.id ?? ''))
    await heading('Payment complete').waitFor()
  })

  test('comes by asking where the stream is cut off', async () => {
    await arrive()
    await page.route('**/events', (route) => route.abort())
    await payByCard('tok_pending_approve')
    await heading('Payment complete').waitFor()
  })
})
