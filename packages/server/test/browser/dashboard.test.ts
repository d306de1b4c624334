// Somebody of the merchant's signs in, finds a payment and reads what happened to it, in a real Chromium.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let browser: Browser
let context: BrowserContext
let page: Page
let captured: string
const complaints: string[] = []

beforeAll(async () => {
  server = await startTestServer()
  browser = await launchChromium()
  const merchant = merchantClient(server)
  await merchant.pay({ amount: 70_000, token: 'tok_decline_insufficient_funds' })
  captured = (await merchant.pay({ amount: 123_450, token: 'tok_approve_mastercard' })).paymentId
  const refund = { amount: 5_000, reason: 'not_satisfied', note: 'Wrong size' }
  expect((await merchant.post(`/v1/payments/${captured}/refunds`, refund)).status).toBe(201)
  await eventually(async () => {
    const { body } = await merchant.get(`/v1/payments/${captured}`)
    return body['amount_refunded'] === 5_000 ? true : undefined
  }, 'the refund')
})
beforeEach(async () => {
  context = await browser.newContext(DESKTOP)
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text())
  })
  page = await context.newPage()
})
afterEach(async () => {
  await context.close()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function signIn(password = server.demo.dashboard.password): Promise<void> {
  await page.goto(server.demo.dashboard.url)
  await page.getByLabel('E-mail address').fill(server.demo.dashboard.email)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
}
const rows = () => page.getByRole('listitem')
const isWithinWidth = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')

describe('the dashboard', () => {
  test('shows nothing to a stranger, and says that a password is wrong', async () => {
    await signIn('not the password')
    await page.getByRole('alert').getByText('The e-mail address or the password is not right.').waitFor()
    await keepPicture(page, 'dashboard-sign-in')
    expect(await page.getByText('₹').count()).toBe(0)
  })

  test('keeps the signed-in from scripts, and forgets them at sign-out', async () => {
    await signIn()
    await rows().first().waitFor()
    expect(await page.evaluate('document.cookie')).toBe('')
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Purser' }).waitFor()
    const stolen = await fetch(`${server.baseUrl}/v1/payments`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}` },
    })
    expect(stolen.status).toBe(401)
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in to Purser' }).waitFor()
  })

  test('lists payments newest first, and finds them by status and by what is on a statement', async () => {
    await signIn()
    await rows().first().waitFor()
    await keepPicture(page, 'dashboard-list')
    expect(await rows().allTextContents()).toEqual([
      expect.stringMatching(/₹1,234\.50.*₹50\.00 refunded.*Captured.*mastercard •• 0002/),
      expect.stringMatching(/₹700\.00.*Declined/),
    ])
    await page.getByLabel('Status').selectOption({ label: 'Declined' })
    await expect.poll(() => rows().count()).toBe(1)
    expect(await rows().textContent()).toContain('₹700.00')
    await page.getByLabel('Search').fill('0002')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows().allTextContents()).toEqual([expect.stringContaining('₹1,234.50')])
    await page.getByLabel('Search').fill('no such thing')
    await page.keyboard.press('Enter')
    await page.getByText('No payment matches.').waitFor()
    await page.goBack()
    await expect.poll(() => page.getByLabel('Search').inputValue()).toBe('0002')
  })

  test('tells the story of a payment: what was asked, what the gateway said, what the books say', async () => {
    await signIn()
    await page.getByRole('link', { name: /₹1,234\.50/ }).click()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await keepPicture(page, 'dashboard-timeline')
    const history = await page.locator('.history').textContent()
    for (const part of [
      'Captured',
      'Refund of ₹50.00 asked for',
      'not satisfied: Wrong size',
      'Refund of ₹50.00 succeeded',
    ]) {
      expect(history).toContain(part)
    }
    expect(await page.getByRole('table').getByRole('row').count()).toBeGreaterThan(1)
    await page.reload()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    expect(page.url()).toContain(captured)
  })

  test('says so when a payment does not exist and when the server is gone, and gets over it', async () => {
    await signIn()
    await rows().first().waitFor()
    await page.goto(`${server.baseUrl}/dashboard/payments/pay_00000000000000000000000000`)
    await page.getByRole('alert').getByText('No payment has this identifier.').waitFor()
    await page.route('**/v1/payments?*', (route) => route.abort('connectionrefused'))
    await page.getByRole('link', { name: 'All payments' }).click()
    await page.getByRole('alert').getByText('The server did not answer.').waitFor()
    await page.unroute('**/v1/payments?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await rows().first().waitFor()
  })

  test('works with the keyboard alone and on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await signIn()
    await rows().first().waitFor()
    expect(await isWithinWidth()).toBe(true)
    await keepPicture(page, 'dashboard-phone-list')
    await page.getByLabel('Status').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'History' }).waitFor()
    expect(await isWithinWidth()).toBe(true)
    await keepPicture(page, 'dashboard-phone-timeline')
  })
})
