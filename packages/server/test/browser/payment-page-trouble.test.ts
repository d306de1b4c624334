// What goes wrong around a payer: nerves, reloads, two tabs, a lost connection, a silent bank, a session that runs out,
// somebody else's page. Nobody pays twice, and nobody is told more than is known.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { DESKTOP, keepPicture, openPayer, PHONE } from '../../src/testing/payment-page.ts'
import type { Payer } from '../../src/testing/payment-page.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let browser: Browser
let payer: Payer

beforeAll(async () => {
  server = await startTestServer()
  browser = await launchChromium()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(payer.page, `failed-${task.id}`)
  await payer.close()
  expect(payer.complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  expect(server.errors).toEqual([])
  await server.close()
})

async function arrive(device = DESKTOP, options: Parameters<typeof openPayer>[3] = {}): Promise<Page> {
  payer = await openPayer(server, browser, device, options)
  await payButton(payer.page).waitFor()
  return payer.page
}
const payButton = (page: Page) => page.getByRole('button', { name: /^Pay ₹/ })
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 2 })

async function chooseCard(page: Page, token: string): Promise<void> {
  await page.getByRole('radio', { name: /^Card/ }).check()
  await page.getByLabel('Test card').selectOption(token)
}

async function order() {
  const { body } = await merchantClient(server).get(`/v1/orders/${payer.orderId}`)
  return body as { status: string; amount_captured: number; payments: readonly { id: string; status: string }[] }
}

async function paidOnce(): Promise<void> {
  const { status, amount_captured, payments } = await order()
  expect({ status, amount_captured }).toEqual({ status: 'paid', amount_captured: 123_450 })
  expect(payments.map((payment) => payment.status)).toEqual(['captured'])
  const references = payments.map(({ id }) => id)
  const { rows } = await server.db.pools.owner.query('select 1 from sandbox.payments where reference = any($1)', [
    references,
  ])
  expect(rows, 'charges in the gateway’s own book').toHaveLength(1)
}

describe('a payer pays once', () => {
  test('who taps twice', async () => {
    const page = await arrive()
    await chooseCard(page, 'tok_slow')
    await page.evaluate(
      "const it = document.querySelector('button.pay'); it.click(); it.click(); it.form.requestSubmit()",
    )
    await heading(page, 'Payment complete').waitFor()
    await paidOnce()
  })

  test('who reloads while the bank is slow, and finds the payment again', async () => {
    const page = await arrive()
    await chooseCard(page, 'tok_slow')
    await payButton(page).click()
    await expect.poll(async () => (await order()).payments.length).toBe(1)
    await page.reload()
    await heading(page, 'Payment complete').waitFor()
    await paidOnce()
  })

  test('who has two tabs open', async () => {
    const page = await arrive()
    const other = await payer.context.newPage()
    await other.goto(payer.address)
    await payButton(other).waitFor()
    await chooseCard(page, 'tok_slow')
    await chooseCard(other, 'tok_slow')
    await Promise.all([payButton(page).click(), payButton(other).click()])
    await heading(page, 'Payment complete').waitFor()
    await heading(other, 'Payment complete').waitFor()
    await paidOnce()
  })

  test('in one tab, and the other tab, where they were still choosing, shows it by itself', async () => {
    const page = await arrive()
    const other = await payer.context.newPage()
    await other.goto(payer.address)
    await chooseCard(other, 'tok_approve')
    await chooseCard(page, 'tok_approve')
    await payButton(page).click()
    await heading(page, 'Payment complete').waitFor()
    await heading(other, 'Payment complete').waitFor()
    await paidOnce()
  })

  test('who goes back from the bank’s page and finds the way there again', async () => {
    const page = await arrive(PHONE)
    await chooseCard(page, 'tok_3ds_approve')
    await payButton(page).click()
    await page.getByRole('heading', { name: 'Confirm your payment' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Continue to your bank' }).waitFor()
    await keepPicture(page, 'phone-back-from-bank')
    await page.getByRole('link', { name: 'Continue to your bank' }).click()
    await page.getByRole('button', { name: 'Approve' }).click()
    await heading(page, 'Payment complete').waitFor()
    await paidOnce()
  })

  test('whose answer is lost on the way: the page asks again with the same key', async () => {
    const page = await arrive()
    await chooseCard(page, 'tok_approve')
    const keys: (string | undefined)[] = []
    await page.route('**/sdk/v1/payments', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 1) return await route.continue()
      await route.fetch()
      return await route.abort('connectionreset')
    })
    await payButton(page).click()
    await heading(page, 'Payment complete').waitFor()
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
    await paidOnce()
  })

  test('whose connection is gone for a while, and is told so', async () => {
    const page = await arrive(PHONE)
    await chooseCard(page, 'tok_approve')
    await payer.context.setOffline(true)
    await payButton(page).click()
    await page.getByText('No connection.').waitFor()
    await keepPicture(page, 'phone-no-connection')
    await payer.context.setOffline(false)
    await heading(page, 'Payment complete').waitFor()
    expect(await page.getByText('No connection.').count()).toBe(0)
    await paidOnce()
  })
})

describe('what is not known', () => {
  test('is told as not known, with nothing to pay again, until the bank has said', async () => {
    const page = await arrive(PHONE)
    await chooseCard(page, 'tok_http_500_not_applied')
    await payButton(page).click()
    await heading(page, 'We are checking with the bank').waitFor()
    await page.getByText('Please do not pay again').waitFor()
    expect(await payButton(page).count()).toBe(0)
    await keepPicture(page, 'phone-unknown')
    await page.reload()
    await heading(page, 'We are checking with the bank').waitFor()
    expect((await order()).payments.map(({ status }) => status)).toEqual(['unknown'])
  })

  test('becomes known on the page by itself: a pending payment is approved while the payer looks on', async () => {
    const page = await arrive(PHONE)
    await chooseCard(page, 'tok_pending_approve')
    await payButton(page).click()
    await heading(page, 'Waiting for your bank').waitFor()
    await keepPicture(page, 'phone-processing')
    await heading(page, 'Payment complete').waitFor()
    await paidOnce()
  })
})

describe('the page of somebody else', () => {
  test('cannot frame the payment page', async () => {
    await arrive()
    const attacker = createServer((_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<iframe src="${payer.address}" id="frame"></iframe>`),
    )
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
    const context = await browser.newContext()
    const page = await context.newPage()
    const refused = page.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()))
    await page.goto(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`)
    await refused
    expect(page.frames().map((frame) => frame.url())).not.toContain(payer.address)
    await context.close()
    attacker.close()
  })

  test('finds no script to put into an order: what a merchant writes is text', async () => {
    const page = await arrive(DESKTOP, { description: '<img src=x onerror="document.title=1"><b>Shirts</b>' })
    await page.getByText('<b>Shirts</b>').waitFor()
    expect(await page.locator('.summary img').count()).toBe(0)
  })
})

describe('the page itself', () => {
  test('allows no inline script, no other origin and no cache, and tells its address to nobody', async () => {
    await arrive()
    const { headers } = await fetch(payer.address)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'/)
    expect(policy).toMatch(/script-src 'nonce-[A-Za-z0-9+/=]{24}'/)
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    const again = (await fetch(payer.address)).headers.get('content-security-policy')
    expect(again, 'a nonce is used once').not.toBe(policy)
    // In a context of its own: what the page complains about here is what is wanted.
    const context = await browser.newContext()
    const victim = await context.newPage()
    await victim.goto(payer.address)
    await payButton(victim).waitFor()
    const inject = "const it = document.createElement('script'); it.textContent = '1'; document.body.append(it)"
    await expect(victim.evaluate(inject)).rejects.toThrow(/TrustedScript/)
    await expect(victim.evaluate("document.body.innerHTML = '<b>x</b>'")).rejects.toThrow(/TrustedHTML/)
    await context.close()
  })

  test('weighs at most 30 kB with everything that it loads', async () => {
    payer = await openPayer(server, browser, DESKTOP)
    const sizes: number[] = []
    payer.page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (pathname.startsWith('/assets/')) sizes.push(Number(response.headers()['content-length'] ?? Number.NaN))
    })
    await payer.page.reload()
    await payButton(payer.page).waitFor()
    const total = sizes.reduce((sum, size) => sum + size, (await (await fetch(payer.address)).text()).length)
    expect(sizes.length).toBeGreaterThanOrEqual(2)
    expect(total).toBeLessThanOrEqual(30_000)
  })

  test('shows a QR code only to the holder of the token, and only for a payment of that order', async () => {
    const page = await arrive()
    await payButton(page).click()
    await heading(page, 'Scan to pay').waitFor()
    const code = (await page.getByRole('img', { name: /QR code/ }).getAttribute('src')) ?? ''
    expect((await fetch(`${server.baseUrl}${code}`)).status).toBe(200)
    const stranger = code.replace(payer.token, payer.token.replace(/[0-9a-f]{8}$/, '00000000'))
    const other = code.replace(/pay_[0-9a-z]+\.svg/, 'pay_00000000000000000000000000.svg')
    expect((await fetch(`${server.baseUrl}${stranger}`)).status).toBe(404)
    expect((await fetch(`${server.baseUrl}${other}`)).status).toBe(404)
  })
})

// Last, because it moves the merchant's clock.
describe('a session that runs out', () => {
  test('is told plainly, and so is a token that nobody knows any more', async () => {
    const page = await arrive(PHONE)
    await advanceClock(server, 20 * 60)
    await heading(page, 'This payment page has expired').waitFor()
    await page.getByText('Nothing was charged here.').waitFor()
    await keepPicture(page, 'phone-expired')
    await advanceClock(server, 2 * 3_600)
    await page.reload()
    await heading(page, 'This payment page has expired').waitFor()
    expect((await order()).payments).toEqual([])
  })
})
