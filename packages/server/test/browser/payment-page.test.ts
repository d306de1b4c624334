// A payer in a real Chromium pays on the hosted page of a whole server: every way to pay, said in plain words.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, openPayer, openShop, PHONE } from '../../src/testing/payment-page.ts'
import type { Payer, Shop } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let browser: Browser
let merchant: MerchantClient
let shop: Shop
let payer: Payer | undefined

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  shop = await openShop()
  browser = await launchChromium()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && payer !== undefined) await keepPicture(payer.page, `failed-${task.id}`)
  const complaints = payer?.complaints
  await payer?.close()
  payer = undefined
  expect(complaints ?? []).toEqual([])
})
afterAll(async () => {
  await browser.close()
  shop.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function arrive(device: typeof DESKTOP, options: Parameters<typeof openPayer>[3] = {}): Promise<Page> {
  payer = await openPayer(server, browser, device, options)
  await payButton(payer.page).waitFor()
  return payer.page
}
const payButton = (page: Page) => page.getByRole('button', { name: /^Pay ₹/ })
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 2 })
const order = async () => (await merchant.get(`/v1/orders/${payer?.orderId}`)).body
const attempts = async () => (await order())['payments'] as readonly { status: string }[]

async function chooseCard(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('radio', { name: /^Card/ }).check()
  const cards = page.getByLabel('Test card')
  await cards.selectOption(await cards.getByRole('option', { name }).first().getAttribute('value'))
}
const isWithinWidth = (page: Page) => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')

describe('on a desktop', () => {
  test('the payer scans a UPI code, approves on the phone, and is led back to the shop', async () => {
    const page = await arrive(DESKTOP, { returnUrl: shop.returnUrl })
    await keepPicture(page, 'desktop-choose')
    await payButton(page).click()
    await heading(page, 'Scan to pay').waitFor()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await expect.poll(() => page.evaluate<number>("document.querySelector('img.qr').naturalWidth")).toBeGreaterThan(100)
    await keepPicture(page, 'desktop-upi-qr')

    const phone = page.waitForEvent('popup')
    await page.getByRole('link', { name: 'Open the simulator' }).click()
    const app = await phone
    await app.getByRole('button', { name: 'Pay' }).click()

    await heading(page, 'Payment complete').waitFor()
    await keepPicture(page, 'desktop-paid')
    await page.waitForURL(/thanks/)
    const back = new URL(page.url()).searchParams
    expect(Object.fromEntries(back)).toEqual({ cart: '7', order_id: payer?.orderId, status: 'paid' })
    expect(await order()).toMatchObject({ status: 'paid', amount_captured: 123_450 })
  })

  test('the payer confirms a card with the bank and comes back to the result', async () => {
    const page = await arrive(DESKTOP)
    await chooseCard(page, /3-D Secure, approved/)
    await payButton(page).click()
    await page.getByRole('heading', { name: 'Confirm your payment' }).waitFor()
    expect(page.url(), 'the bank never learns the client token').not.toContain(payer?.token)
    expect(await page.evaluate('document.referrer')).toBe('')
    await page.getByRole('button', { name: 'Approve' }).click()
    await heading(page, 'Payment complete').waitFor()
    expect(page.url()).toContain('/pay/')
    expect(await order()).toMatchObject({ status: 'paid' })
    expect(await attempts()).toHaveLength(1)
  })

  test('a bank step that fails is said in plain words, and another way then works', async () => {
    const page = await arrive(DESKTOP)
    await chooseCard(page, /3-D Secure, approved/)
    await payButton(page).click()
    await page.getByRole('button', { name: 'Fail the check' }).click()
    await heading(page, 'Payment not completed').waitFor()
    await page.getByText('was not confirmed with your bank').waitFor()
    await page.getByRole('button', { name: 'Try another way' }).click()
    await page.getByRole('radio', { name: /^Net banking/ }).check()
    await page.getByLabel('Choose your bank').selectOption({ label: 'Sandbox Bank' })
    await payButton(page).click()
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await heading(page, 'Payment complete').waitFor()
    expect((await attempts()).map(({ status }) => status).sort()).toEqual(['captured', 'declined'])
  })
})

describe('on a phone', () => {
  test('the payer gets a link to a UPI app and pays with it', async () => {
    const page = await arrive(PHONE)
    expect(await isWithinWidth(page)).toBe(true)
    await keepPicture(page, 'phone-choose')
    await payButton(page).click()
    await heading(page, 'Approve in your UPI app').waitFor()
    const uri = new URL((await page.getByRole('link', { name: 'Open UPI app' }).getAttribute('href')) ?? '')
    expect(uri.protocol).toBe('upi:')
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ am: '1234.50', cu: 'INR' })
    expect(await isWithinWidth(page)).toBe(true)
    await keepPicture(page, 'phone-upi')

    const opened = page.waitForEvent('popup')
    await page.getByRole('link', { name: 'Open the simulator' }).click()
    await (await opened).getByRole('button', { name: 'Pay' }).click()
    await heading(page, 'Payment complete').waitFor()
    await keepPicture(page, 'phone-paid')
    expect(await order()).toMatchObject({ status: 'paid' })
  })

  test('a payer who declines in the app reads so, and can have a code to scan instead of a link', async () => {
    const page = await arrive(PHONE)
    await payButton(page).click()
    await page.getByRole('button', { name: 'Show a QR code instead' }).click()
    await heading(page, 'Scan to pay').waitFor()
    const opened = page.waitForEvent('popup')
    await page.getByRole('link', { name: 'Open the simulator' }).click()
    await (await opened).getByRole('button', { name: 'Decline' }).click()
    await heading(page, 'Payment not completed').waitFor()
  })

  test('a payer without an app at hand is asked by the bank, at an id that is checked first', async () => {
    const page = await arrive(PHONE)
    await page.getByRole('radio', { name: 'A request to your UPI ID' }).check()
    await page.getByLabel('UPI ID', { exact: true }).fill('nobody')
    await payButton(page).click()
    await page.getByText('Enter a UPI ID in the form name@bank.').waitFor()
    await keepPicture(page, 'phone-upi-id')
    await page.getByLabel('UPI ID', { exact: true }).fill('success@sandbox')
    await payButton(page).click()
    await page.getByText('We sent a request to success@sandbox.').waitFor()
    await heading(page, 'Payment complete').waitFor()
    expect(await attempts()).toHaveLength(1)
  })

  test('a decline says why and what to do, and a second method then pays the order', async () => {
    const page = await arrive(PHONE, { returnUrl: shop.returnUrl })
    await chooseCard(page, /^Declined: Not enough money/)
    await keepPicture(page, 'phone-card')
    await payButton(page).click()
    await page.getByText('There is not enough money in this account. Try another payment method.').waitFor()
    expect(await isWithinWidth(page)).toBe(true)
    await keepPicture(page, 'phone-declined')
    await page.getByRole('button', { name: 'Try another way' }).click()
    await page.getByRole('radio', { name: /^Wallet/ }).check()
    await page.getByLabel('Choose your wallet').selectOption({ label: 'Sandbox Wallet' })
    await payButton(page).click()
    await heading(page, 'Payment complete').waitFor()
    await page.getByRole('button', { name: 'Stay on this page' }).click()
    await page.getByRole('link', { name: 'Return to Demo Store' }).click()
    await page.waitForURL(/status=paid/)
    expect(await order()).toMatchObject({ status: 'paid', amount_captured: 123_450 })
  })

  test('the page is as wide as the phone with the longest words and the largest amount', async () => {
    const page = await arrive(PHONE, { amount: 9_999_999_999_999, description: 'Q'.repeat(60) })
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('₹99,99,99,99,999.99')
    expect(await isWithinWidth(page)).toBe(true)
  })

  test('looks at home in the dark', async () => {
    const page = await arrive({ ...PHONE, colorScheme: 'dark' })
    await keepPicture(page, 'phone-choose-dark')
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(ground).toBe('rgb(13, 15, 20)')
  })
})
