// axe on every page that a person sees: the payment page in each of its states, on a phone and a desk, in both
// languages and both colour schemes; and what stands around it: receipts, errors, the sandbox's pages, the dashboard.
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createShop } from '../../../../examples/shop/server.ts'
import { accessibilityProblems } from '../../src/testing/accessibility.ts'
import { launchChromium } from '../../src/testing/chromium.ts'
import { givenSession } from '../../src/testing/embedding-page.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, PHONE } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let browser: Browser
let merchant: MerchantClient
let customer: string

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  await merchant.post('/v1/payment-page', { cash_on_delivery: { max_amount: 1_000_000, currency: 'INR' } })
  customer = String((await merchant.post('/v1/customers', { reference: 'customer-1' })).body['id'])
  const orderId = await merchant.order(100, { customer_id: customer })
  const wallet = { method: 'wallet', wallet: 'sandbox_wallet' }
  await merchant.post(`/v1/orders/${orderId}/payments`, { instrument: wallet, save: true })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  expect(server.errors).toEqual([])
  await server.close()
})

const MANDATE = { max_amount: 150_000, frequency: 'monthly', ends_at: '2090-11-20T00:00:00Z' }

/** By what both languages share: the page's own ids, not its words. */
const pay = (page: Page) => page.locator('button.pay').click()
const choose = (page: Page, method: string) => page.locator(`#method-${method}`).check()
const screen = (page: Page, kind: string) => page.locator(`.screen.${kind}`).waitFor()

async function payByCard(page: Page, token: string): Promise<void> {
  await choose(page, 'card')
  await page.locator('#card').selectOption(token)
  await pay(page)
}

async function askAtId(page: Page, vpa: string): Promise<void> {
  await page.locator('#upi-flow-collect').check()
  await page.locator('#upi-id').fill(vpa)
  await pay(page)
}

type State = {
  readonly name: string
  readonly order?: object
  /** The order is of a customer who saved something. */
  readonly isCustomers?: true
  /** From the open page to the state. */
  readonly reach?: (page: Page, orderId: string) => Promise<unknown>
  /** After a change of language, which draws a form anew. */
  readonly again?: (page: Page) => Promise<unknown>
}

const form = (name: string, fill: (page: Page) => Promise<unknown>): State => ({ name, reach: fill, again: fill })

const STATES: readonly State[] = [
  form('the choice', async () => {}),
  form('a UPI id', (page) => page.locator('#upi-flow-collect').check()),
  form('a UPI id that is none', (page) => askAtId(page, 'nobody')),
  form('a card', (page) => choose(page, 'card')),
  form('a card that was not chosen', async (page) => {
    await choose(page, 'card')
    await pay(page)
  }),
  form('cash on delivery to be chosen', (page) => choose(page, 'cash_on_delivery')),
  { name: 'something saved', isCustomers: true },
  form('net banking', (page) => choose(page, 'netbanking')),
  form('a wallet', (page) => choose(page, 'wallet')),
  { name: 'a mandate', order: { mandate: MANDATE } },
  { name: 'a link or a code', reach: (page) => pay(page).then(() => screen(page, 'waiting')) },
  {
    name: 'the other of link and code',
    reach: async (page) => {
      await pay(page)
      await page.locator('.choices button').click()
    },
    again: (page) => page.locator('.choices button').click(),
  },
  {
    name: 'a request to a UPI id',
    reach: (page) => askAtId(page, 'ask@sandbox').then(() => screen(page, 'waiting')),
  },
  {
    name: 'the way to the bank',
    reach: async (page) => {
      await payByCard(page, 'tok_3ds_approve')
      await page.getByRole('heading', { name: 'Confirm your payment' }).waitFor()
      await page.goBack()
      await screen(page, 'waiting')
    },
  },
  {
    name: 'a bank that works on it',
    reach: (page) => askAtId(page, 'pending@sandbox').then(() => screen(page, 'waiting')),
  },
  {
    name: 'what is not known',
    reach: (page) => payByCard(page, 'tok_http_500_not_applied').then(() => screen(page, 'caution')),
  },
  {
    name: 'a decline',
    reach: (page) => payByCard(page, 'tok_decline_insufficient_funds').then(() => screen(page, 'stopped')),
  },
  { name: 'the end', reach: (page) => payByCard(page, 'tok_approve').then(() => screen(page, 'done')) },
  {
    name: 'money that is held',
    order: { capture: 'manual' },
    reach: (page) => payByCard(page, 'tok_approve').then(() => screen(page, 'done')),
  },
  {
    name: 'cash on delivery',
    reach: async (page, orderId) => {
      await merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'cash_on_delivery' } })
      await page.reload()
      await screen(page, 'done')
    },
  },
  {
    name: 'an order that was canceled',
    reach: async (page, orderId) => {
      await merchant.post(`/v1/orders/${orderId}/cancel`)
      await page.reload()
      await screen(page, 'stopped')
    },
  },
  {
    name: 'no connection',
    reach: async (page) => {
      await page.context().setOffline(true)
      await payByCard(page, 'tok_approve')
      await page.locator('.notice:not(:empty)').waitFor()
    },
  },
]

/** Both colour schemes of what is shown now. */
async function problemsOf(page: Page, what: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const problems = await accessibilityProblems(page)
    found.push(...problems.map((problem) => `${what}, ${colorScheme}: ${problem}`))
    await keepPicture(page, `axe-${what}-${colorScheme}`.replaceAll(/[^a-z]+/gi, '-').toLowerCase())
  }
  return found
}

describe.each([
  ['phone', PHONE],
  ['desk', DESKTOP],
])('the payment page on a %s', (width, device) => {
  test.each(STATES)('in the state: $name', async ({ name, order, isCustomers, reach, again }) => {
    const whose = isCustomers === undefined ? {} : { customer_id: customer }
    const { url, orderId } = await givenSession(server, undefined, { order: { ...order, ...whose } })
    const context = await browser.newContext(device)
    const page = await context.newPage()
    await page.goto(url)
    await page.locator('button.pay').waitFor()
    await reach?.(page, orderId)
    const found = [...(await problemsOf(page, `${width} ${name} en`))]
    await page.locator('button.language').click()
    await page.locator('html[lang=hi]').waitFor()
    await again?.(page)
    found.push(...(await problemsOf(page, `${width} ${name} hi`)))
    expect(found).toEqual([])
    await context.close()
  })
})

describe('around it', () => {
  const visit = async (address: string, work: (page: Page) => Promise<unknown> = async () => {}) => {
    const found: string[] = []
    for (const device of [PHONE, DESKTOP]) {
      const context = await browser.newContext(device)
      const page = await context.newPage()
      await page.goto(address)
      await work(page)
      const name = `${new URL(address).pathname.slice(1, 24)}-${device === PHONE ? 'phone' : 'desk'}`
      found.push(...(await problemsOf(page, `around ${name}`)))
      await context.close()
    }
    return found
  }

  test('a receipt, and a link to one that is no more', async () => {
    const { paymentId } = await merchant.pay()
    const { id } = (await merchant.get(`/v1/payments/${paymentId}/receipt`)).body
    const { url } = (await merchant.post(`/v1/receipts/${String(id)}/links`)).body
    expect(await visit(String(url))).toEqual([])
    expect(await visit(`${server.baseUrl}/receipts/rl_${'0'.repeat(64)}`)).toEqual([])
  })

  test('the shop to copy from: its first screen and the basket', async () => {
    const shop = createShop({ purser: server.baseUrl, secretKey: server.secretKey, webhookSecret: '' })
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
    expect(await visit(`${address}/`)).toEqual([])
    expect(await visit(`${address}/basket?item=shirt`)).toEqual([])
    shop.close()
    shop.closeAllConnections()
  })

  test('the errors and what to do about them', async () => {
    expect(await visit(`${server.baseUrl}/docs/errors`)).toEqual([])
  })

  test('the page that a bank returns to', async () => {
    const address = `${server.baseUrl}/return/pay_00000000000000000000000000`
    expect(await visit(address, (page) => page.getByRole('heading').first().waitFor())).toEqual([])
  })

  test('a payment page that nobody knows', async () => {
    const address = `${server.baseUrl}/pay/ct_test_${'0'.repeat(64)}`
    expect(await visit(address, (page) => screen(page, 'stopped'))).toEqual([])
  })

  test.each([
    ['a bank’s check of a card', { method: 'card', token: 'tok_3ds_approve' }],
    ['a bank’s own page', { method: 'netbanking', bank: 'sandbox_bank' }],
    ['the payer’s UPI app', { method: 'upi', flow: 'qr' }],
  ])('at the sandbox: %s, before and after the answer', async (_, instrument) => {
    const orderId = await merchant.order()
    const { body } = await merchant.post(`/v1/orders/${orderId}/payments`, { instrument })
    const action = body['action'] as { url?: string; uri?: string }
    const address = action.url ?? new URL(action.uri ?? '').searchParams.get('url') ?? ''
    expect(await visit(address)).toEqual([])
    expect((await merchant.post(`/v1/payments/${String(body['id'])}/cancel`)).status).toBe(200)
    expect(await visit(address)).toEqual([])
  })

  test('the dashboard: sign-in, a wrong password, the list, a payment, one that does not exist', async () => {
    const { paymentId } = await merchant.pay({ token: 'tok_approve_rupay' })
    const { url, email, password } = server.demo.dashboard
    const signIn = async (page: Page, secret: string) => {
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password').fill(secret)
      await page.keyboard.press('Enter')
    }
    for (const device of [PHONE, DESKTOP]) {
      const context = await browser.newContext(device)
      const page = await context.newPage()
      const look = async (what: string) =>
        expect(await problemsOf(page, `dashboard ${what} ${device === PHONE ? 'phone' : 'desk'}`)).toEqual([])
      await page.goto(url)
      await page.getByLabel('Password').waitFor()
      await look('sign-in')
      await signIn(page, 'not the password')
      await page.getByRole('alert').waitFor()
      await look('wrong password')
      await signIn(page, password)
      await page.getByRole('listitem').first().waitFor()
      await look('list')
      await page.goto(`${server.baseUrl}/dashboard/payments/${paymentId}`)
      await page.getByRole('heading', { name: 'History' }).waitFor()
      await look('payment')
      await page.goto(`${server.baseUrl}/dashboard/payments/pay_00000000000000000000000000`)
      await page.getByRole('alert').waitFor()
      await look('no payment')
      await context.close()
    }
  })
})

// Last, because it moves the merchant's clock.
describe('when its time is over', () => {
  test('the payment page says so to everybody', async () => {
    for (const device of [PHONE, DESKTOP]) {
      const { url } = await givenSession(server, undefined)
      const context = await browser.newContext(device)
      const page = await context.newPage()
      await page.goto(url)
      await page.locator('button.pay').waitFor()
      await advanceClock(server, 20 * 60)
      await page.reload()
      await screen(page, 'stopped')
      const found = [...(await problemsOf(page, `expired en ${device === PHONE ? 'phone' : 'desk'}`))]
      await page.locator('button.language').click()
      found.push(...(await problemsOf(page, `expired hi ${device === PHONE ? 'phone' : 'desk'}`)))
      expect(found).toEqual([])
      await context.close()
    }
  })
})
