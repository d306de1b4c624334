// A payer at the hosted page, for the browser tests: an order with a session, a browser of the right kind, and a shop
// to go back to. Pictures are kept under artifacts/, for people to look at.
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { merchantClient } from './merchant-client.ts'
import type { TestServer } from './start-server.ts'

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1180, height: 800 }, locale: 'en-IN' }

export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'en-IN',
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36',
}

export type Payer = {
  readonly orderId: string
  /** Address of the hosted page. */
  readonly address: string
  readonly token: string
  readonly page: Page
  readonly context: BrowserContext
  /** Requests that left for anywhere but the server and the shop, and complaints of the page. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

type Wanted = { readonly amount?: number; readonly description?: string; readonly returnUrl?: string }

/** Opens an order and its hosted page, in a browser without a past. */
export async function openPayer(
  server: TestServer,
  browser: Browser,
  device: BrowserContextOptions,
  { amount = 123_450, description = 'Two cotton shirts', returnUrl }: Wanted = {},
): Promise<Payer> {
  const merchant = merchantClient(server)
  const orderId = await merchant.order(amount, { description })
  const session = await merchant.post(
    `/v1/orders/${orderId}/sessions`,
    returnUrl === undefined ? {} : { return_url: returnUrl },
  )
  if (session.status !== 201) throw new Error(`No session was opened: ${JSON.stringify(session.body)}`)
  const context = await browser.newContext(device)
  const complaints: string[] = []
  const allowed = [server.baseUrl, ...(returnUrl === undefined ? [] : [new URL(returnUrl).origin])]
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith('data:') && !allowed.includes(new URL(url).origin)) complaints.push(`third party: ${url}`)
  })
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Trusted/i.test(message.text()))
      complaints.push(message.text())
  })
  const page = await context.newPage()
  const address = String(session.body['url'])
  await page.goto(address)
  return {
    orderId,
    address,
    token: String(session.body['client_token']),
    page,
    context,
    complaints,
    close: () => context.close(),
  }
}

export type Shop = { readonly returnUrl: string; close(): void }

/** The merchant's own page, on an origin of its own. */
export async function openShop(): Promise<Shop> {
  const shop = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title><h1>Thank you</h1>')
  })
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  const { port } = shop.address() as AddressInfo
  return { returnUrl: `http://127.0.0.1:${port}/thanks?cart=7`, close: () => void shop.close() }
}

const PICTURES = fileURLToPath(new URL('../../../../artifacts/browser/', import.meta.url))

export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}
