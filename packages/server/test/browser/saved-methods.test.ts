// A payer who comes back: what they agreed to keep is offered first and paid with by one tap, can be removed where it
// is offered, and is nobody else's. And one who pays at the door.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accessibilityProblems } from '../../src/testing/accessibility.ts'
import { launchChromium } from '../../src/testing/chromium.ts'
import { givenSession } from '../../src/testing/embedding-page.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, PHONE } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let page: Page
let orderId: string
let customers = 0

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

async function givenCustomer(): Promise<string> {
  customers += 1
  return String((await merchantClient(server).post('/v1/customers', { reference: `customer-${customers}` })).body['id'])
}

/** The customer at a new order's page, in a browser without a past. */
async function arrive(customer: string | undefined, device = PHONE, session: object = {}): Promise<void> {
  await page?.context().close()
  const order = customer === undefined ? {} : { customer_id: customer }
  const given = await givenSession(server, undefined, { order, session })
  orderId = given.orderId
  page = await (await browser.newContext(device)).newPage()
  await page.goto(given.url)
  await page.getByRole('heading', { level: 2 }).waitFor()
}
const payButton = () => page.getByRole('button', { name: /^Pay ₹/ })
const paid = () => page.getByRole('heading', { name: 'Payment complete' }).waitFor()
const box = () => page.getByRole('checkbox', { name: 'Save for next time' })
const orderStatus = async () => (await merchantClient(server).get(`/v1/orders/${orderId}`)).body['status']

async function saveCard(customer: string): Promise<void> {
  await arrive(customer)
  await page.getByRole('radio', { name: /^Card/ }).check()
  await page.getByLabel('Test card').selectOption('tok_approve')
  await box().check()
  await payButton().click()
  await paid()
}

describe('what a payer saved', () => {
  test('is offered first and already chosen: one tap pays', async () => {
    const customer = await givenCustomer()
    await saveCard(customer)
    await arrive(customer)
    const first = page.getByRole('radio').first()
    expect(await first.isChecked()).toBe(true)
    await page.getByRole('radio', { name: /^Sandbox Bank card ending 0001 Visa, good until 12\/2090/ }).waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await keepPicture(page, 'phone-saved')
    await payButton().click()
    await paid()
    expect(await orderStatus()).toBe('paid')
  })

  test('can be removed where it is offered, and the list and the focus are where they should be', async () => {
    const customer = await givenCustomer()
    await saveCard(customer)
    await arrive(customer, DESKTOP)
    await keepPicture(page, 'desktop-saved')
    await page.getByRole('button', { name: 'Remove from saved: Sandbox Bank card ending 0001' }).click()
    await expect.poll(() => page.getByRole('radio', { name: /card ending/ }).count()).toBe(0)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('How would you like to pay?')
    await page.reload()
    await payButton().waitFor()
    expect(await page.getByText('card ending').count()).toBe(0)
  })

  test('that was removed in another tab is not charged, and the page shows what is left', async () => {
    const customer = await givenCustomer()
    await saveCard(customer)
    await arrive(customer)
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByRole('button', { name: /^Remove from saved/ }).click()
    await expect.poll(() => other.getByRole('radio', { name: /card ending/ }).count()).toBe(0)
    await payButton().click()
    await expect.poll(() => page.getByRole('radio', { name: /card ending/ }).count()).toBe(0)
    expect(await orderStatus()).toBe('open')
  })

  test('a UPI id is kept with its middle hidden, and asked at again without being typed', async () => {
    const customer = await givenCustomer()
    await arrive(customer)
    await page.getByRole('radio', { name: 'A request to your UPI ID' }).check()
    await page.getByLabel('UPI ID', { exact: true }).fill('success@sandbox')
    await box().check()
    await keepPicture(page, 'phone-save-upi')
    await payButton().click()
    await paid()
    await arrive(customer)
    await page.getByRole('radio', { name: /^UPI su•••@sandbox/ }).waitFor()
    await payButton().click()
    await page.getByRole('heading', { name: 'Approve in your UPI app' }).waitFor()
    await paid()
  })

  test('is saved for nobody without a tick, and no box is there where there is no customer', async () => {
    const customer = await givenCustomer()
    await arrive(customer)
    await page.getByRole('radio', { name: /^Wallet/ }).check()
    await page.getByLabel('Choose your wallet').selectOption({ label: 'Sandbox Wallet' })
    expect(await box().isChecked()).toBe(false)
    await payButton().click()
    await paid()
    await arrive(undefined)
    await page.getByRole('radio', { name: /^Wallet/ }).check()
    expect(await box().count()).toBe(0)
    const { body } = await merchantClient(server).get(`/v1/customers/${customer}/saved-methods`)
    expect(body['items']).toEqual([])
  })

  test('is shown to nobody who came by a link that anybody may have', async () => {
    const customer = await givenCustomer()
    await saveCard(customer)
    await arrive(customer, PHONE, { show_saved_methods: false })
    expect(await page.getByText('card ending').count()).toBe(0)
    expect(await page.getByRole('checkbox').count()).toBe(0)
  })
})

describe('cash on delivery', () => {
  const allow = async (most: number | null) => {
    const cash = most === null ? null : { max_amount: most, currency: 'INR' }
    const { status } = await merchantClient(server).post('/v1/payment-page', { cash_on_delivery: cash })
    expect(status).toBe(200)
  }

  test('is offered where the merchant takes it for this much, and says what happens next', async () => {
    await allow(123_450)
    await arrive(undefined)
    await page.getByRole('radio', { name: /^Cash on delivery/ }).check()
    await page.getByText('You pay ₹1,234.50 in cash to the person who brings it.').waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await keepPicture(page, 'phone-cash-choice')
    await page.getByRole('button', { name: 'Place the order' }).click()
    await page.getByRole('heading', { name: 'Cash on delivery' }).waitFor()
    await page.getByText('Please have ₹1,234.50 ready when it arrives.').waitFor()
    expect(await orderStatus()).toBe('awaiting_collection')
    await page.reload()
    await page.getByRole('heading', { name: 'Cash on delivery' }).waitFor()
    expect(await payButton().count()).toBe(0)
  })

  test('is not offered above that, nor where the merchant does not take it', async () => {
    for (const most of [123_449, null]) {
      await allow(most)
      await arrive(undefined)
      await payButton().waitFor()
      expect(await page.getByRole('radio', { name: /^Cash/ }).count()).toBe(0)
    }
  })
})
