// Nobody needs a mouse: each way to pay from the first Tab to the paid order, the bank's own pages included, and the
// focus is where the news is.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { givenSession } from '../../src/testing/embedding-page.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture } from '../../src/testing/payment-page.ts'
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
beforeEach(async () => {
  const session = await givenSession(server, undefined)
  orderId = session.orderId
  page = await (await browser.newContext(DESKTOP)).newPage()
  await page.goto(session.url)
  await heading('How would you like to pay?').waitFor()
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

const heading = (name: string) => page.getByRole('heading', { name })
const focused = (where: Page) =>
  where.evaluate<string>("document.activeElement?.id || document.activeElement?.textContent?.trim() || 'nothing'")

/** By Tab alone, and only as far as somebody would go. */
async function tabTo(what: RegExp, where = page): Promise<void> {
  for (let steps = 0; steps < 20; steps += 1) {
    if (what.test(await focused(where))) return
    await where.keyboard.press('Tab')
  }
  throw new Error(`The keyboard does not reach ${String(what)}.`)
}

/** From the first method down to this one. */
async function choose(method: string): Promise<void> {
  await tabTo(/^method-upi$/)
  for (let steps = 0; steps < 6 && (await focused(page)) !== `method-${method}`; steps += 1) {
    await page.keyboard.press('ArrowDown')
  }
  expect(await focused(page)).toBe(`method-${method}`)
}

async function pay(): Promise<void> {
  await tabTo(/^Pay ₹/)
  await page.keyboard.press('Enter')
}

async function paid(): Promise<void> {
  await heading('Payment complete').waitFor()
  const { body } = await merchantClient(server).get(`/v1/orders/${orderId}`)
  expect(body).toMatchObject({ status: 'paid', amount_captured: 123_450 })
}

test('UPI: the code is shown, the payer says yes on the phone, the page tells it and the focus is there', async () => {
  await choose('upi')
  await pay()
  await heading('Scan to pay').waitFor()
  expect(await focused(page)).toBe('Scan to pay')
  await tabTo(/^Open the simulator/)
  const opened = page.waitForEvent('popup')
  await page.keyboard.press('Enter')
  const phone = await opened
  await phone.getByRole('button', { name: 'Pay' }).waitFor()
  await tabTo(/^Pay$/, phone)
  await phone.keyboard.press('Enter')
  await paid()
  expect(await focused(page)).toBe('Payment complete')
})

test('UPI by a request to an id, which is corrected where it was wrong', async () => {
  await choose('upi')
  await tabTo(/^upi-flow-qr$/)
  await page.keyboard.press('ArrowDown')
  expect(await focused(page)).toBe('upi-flow-collect')
  await tabTo(/^upi-id$/)
  await page.keyboard.type('success')
  await pay()
  expect(await focused(page), 'what is wrong has the focus').toBe('upi-id')
  await page.keyboard.press('End')
  await page.keyboard.type('@sandbox')
  await page.keyboard.press('Enter')
  await heading('Approve in your UPI app').waitFor()
  await paid()
})

test('a card that the bank wants confirmed', async () => {
  await choose('card')
  await tabTo(/^card$/)
  await page.keyboard.type('3-D Secure, app')
  await pay()
  await heading('Confirm your payment').waitFor()
  await tabTo(/^Approve$/)
  await page.keyboard.press('Enter')
  await paid()
})

test('net banking, at the bank’s own page', async () => {
  await choose('netbanking')
  await tabTo(/^bank$/)
  await page.keyboard.type('Sandbox')
  await pay()
  await page.getByRole('button', { name: 'Pay', exact: true }).waitFor()
  await tabTo(/^Pay$/)
  await page.keyboard.press('Enter')
  await paid()
})

test('a wallet', async () => {
  await choose('wallet')
  await tabTo(/^wallet$/)
  await page.keyboard.type('Sandbox')
  await pay()
  await paid()
})

test('a decline, and another way after it', async () => {
  await choose('card')
  await tabTo(/^card$/)
  await page.keyboard.type('Declined: Not enough')
  await pay()
  await heading('Payment not completed').waitFor()
  expect(await focused(page)).toBe('Payment not completed')
  await tabTo(/^Try another way$/)
  await page.keyboard.press('Enter')
  await tabTo(/^card$/)
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await tabTo(/^Pay ₹/)
  await page.keyboard.press('Space')
  await paid()
})
