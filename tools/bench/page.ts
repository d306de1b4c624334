// How the payment page feels, in a real Chromium against a running server: what it loads, how soon it can be used, and
// whether anything keeps the browser from answering. Prints one line of JSON; measure.mjs starts it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../packages/server/src/testing/chromium.ts'

const RUNS = 7
const [purser = '', secretKey = ''] = process.argv.slice(2)
// Counted from the first line of the page: what occupies the browser for more than 50 ms.
const WATCH = `window.longTasks = 0
  new PerformanceObserver((list) => { window.longTasks += list.getEntries().length }).observe({ type: 'longtask', buffered: true })`
const READY =
  "new Promise((done) => { const look = () => document.querySelector('button.pay') ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look); look() })"

async function openSession(origin: string): Promise<{ client_token: string; url: string }> {
  const post = async (path: string, body: object) => {
    const headers = {
      authorization: `Bearer ${secretKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    }
    const reply = await fetch(purser + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await reply.json()) as { id: string; client_token: string; url: string }
  }
  const order = await post('/v1/orders', { reference: `bench-${randomUUID()}`, amount: 49900, currency: 'INR' })
  return post(`/v1/orders/${order.id}/sessions`, { frame_origins: [origin] })
}

/** The page by itself, in a browser without a past. */
async function alone(browser: Browser, url: string) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(WATCH)
  let requests = 0
  let bytes = 0
  page.on('requestfinished', async (request) => {
    requests += 1
    bytes += (await request.sizes().catch(() => undefined))?.responseBodySize ?? 0
  })
  await page.goto(url)
  const usable = await page.evaluate<number>(READY)
  await page.waitForLoadState('networkidle')
  const longTasks = await page.evaluate<number>('window.longTasks')
  await context.close()
  return { requests, bytes, usable, longTasks }
}

/** From process to a page that can be used, when it was initiated before. */
async function opened(browser: Browser, shop: string, token: string): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(shop)
  await page.evaluate(
    `new Promise((done) => Purser.initiate({ client_token: '${token}' }, ({ event }) => event === 'initiate_result' && done()))`,
  )
  const took = await page.evaluate<number>(`new Promise((done) => {
    const started = performance.now()
    Purser.process({ client_token: '${token}' })
    // Shown, drawn, and able to take the keyboard.
    const look = () => document.activeElement?.tagName === 'IFRAME'
      ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started)))
      : setTimeout(look, 1)
    look()
  })`)
  await context.close()
  return took
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const html = `<!doctype html><title>Bench</title><link rel="icon" href="data:,"><script src="${purser}/sdk/purser.js"></script>`
const shop = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html))
shop.listen(0, '127.0.0.1')
await once(shop, 'listening')
const origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
const browser = await launchChromium()
const pages: Awaited<ReturnType<typeof alone>>[] = []
const opens: number[] = []
for (let run = 0; run < RUNS; run += 1) {
  const session = await openSession(origin)
  pages.push(await alone(browser, session.url))
  opens.push(await opened(browser, `${origin}/`, session.client_token))
}
await browser.close()
shop.close()
shop.closeAllConnections()
process.stdout.write(
  `${JSON.stringify({
    requests: median(pages.map(({ requests }) => requests)),
    bytes: median(pages.map(({ bytes }) => bytes)),
    usable: median(pages.map(({ usable }) => usable)),
    longTasks: median(pages.map(({ longTasks }) => longTasks)),
    opened: median(opens),
  })}\n`,
)
