// The sandbox's pages for payers in a real Chromium: at phone width, with the keyboard alone, under their own policy.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { startTestSandbox } from '../../src/testing/running-sandbox.ts'
import type { RunningSandbox } from '../../src/testing/running-sandbox.ts'
import { givenPayment } from '../../src/testing/sandbox-requests.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'
import type { TestDatabase } from '../../src/testing/test-database.ts'

let database: TestDatabase
let sandbox: RunningSandbox
let browser: Browser
let shop: Server
let returnUrl: string

beforeAll(async () => {
  database = await openTestDatabase()
  sandbox = await startTestSandbox(database.pools.sandbox)
  browser = await launchChromium()
  shop = createServer((_request, reply) => {
    reply.setHeader('content-type', 'text/html').end('<title>Shop</title><h1>Welcome back</h1>')
  })
  await new Promise<void>((resolve) => {
    shop.listen(0, '127.0.0.1', resolve)
  })
  returnUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/return`
})
afterAll(async () => {
  await browser.close()
  shop.closeAllConnections()
  shop.close()
  await sandbox.stop()
  await database.close()
})

const CARD = { method: { type: 'CARD', token: 'tok_3ds_approve' } }
const BANK = { method: { type: 'NETBANKING', bank: 'sandbox_bank' } }
const UPI = { method: { type: 'UPI', flow: 'QR' } }

test.each([
  ['the bank’s check', CARD, 'Approve', 'PAID'],
  ['the bank’s check', CARD, 'Fail the check', 'REJECTED'],
  ['the bank’s check', CARD, 'Cancel', 'CANCELLED'],
  ['net banking', BANK, 'Pay', 'PAID'],
])('%s is answered with the keyboard and leads back to the shop: %o %s', async (_, method, button, status) => {
  const payment = await givenPayment(sandbox, { ...method, return_url: returnUrl, description: 'A'.repeat(200) })
  const { page, complaints } = await open(payment.next_step.url)
  expect(await fitsThePhone(page)).toBe(true)
  await focusWithTab(page, button)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
  expect(page.url()).toBe(returnUrl)
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body.status).toBe(status)
  expect(complaints).toEqual([])
  await page.close()
})

test('the payer’s phone shows what became of the payment', async () => {
  const payment = await givenPayment(sandbox, { ...UPI, return_url: returnUrl })
  const { page, complaints } = await open(payment.next_step.url)
  expect(await fitsThePhone(page)).toBe(true)
  await focusWithTab(page, 'Pay')
  await page.keyboard.press('Space')
  await page.getByText('Paid.').waitFor()
  expect(complaints).toEqual([])
  await page.close()
})

async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  const complaints: string[] = []
  page.on('console', (message) => {
    // The browser asks for an icon by itself, and there is none.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(url)
  return { page, complaints }
}

async function focusWithTab(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate('document.activeElement?.textContent')) === name) return
  }
  throw new Error(`Five presses of Tab did not reach ${name}.`)
}

function fitsThePhone(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')
}
