// A merchant's page that loads the web SDK, on an origin of its own and under a policy as strict as a careful
// merchant's: scripts and frames of Purser, styles of nobody. Other pages of the same origin can be anything a test
// wants.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { merchantClient } from './merchant-client.ts'
import type { TestServer } from './start-server.ts'

export type EmbeddingPage = {
  readonly origin: string
  readonly address: string
  /** Serves `html` at `path`, under no policy at all. */
  serve(path: string, html: string): string
  close(): void
}

export async function openEmbeddingPage(purser: string): Promise<EmbeddingPage> {
  const pages = new Map<string, string>()
  const server = createServer((request, response) => {
    const other = pages.get(request.url ?? '')
    const policy = `default-src 'none'; script-src ${purser} 'nonce-shop'; frame-src ${purser}; style-src 'none'; img-src data:`
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        ...(other === undefined ? { 'content-security-policy': policy } : {}),
      })
      .end(other ?? shopPage(purser))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    address: `${origin}/`,
    serve: (path, html) => {
      pages.set(path, html)
      return `${origin}${path}`
    },
    close: () => void server.close(),
  }
}

const shopPage = (purser: string) => `<!doctype html><html lang="en"><title>Shop</title>
<link rel="icon" href="data:,"><h1>Your basket</h1><button id="buy">Check out</button>
<script src="${purser}/sdk/purser.js"></script><script nonce="shop">window.events = []</script></html>`

export type SdkEvent = {
  readonly event: string
  readonly error: boolean
  readonly errorCode: string
  readonly requestId: string
  readonly service: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** What the SDK told the page so far. */
export function eventsOf(page: Page): Promise<readonly SdkEvent[]> {
  return page.evaluate<SdkEvent[]>('window.events')
}

/** Resolves to the first event of this name. Waits inside the page: its policy forbids what Playwright waits with. */
export async function eventNamed(page: Page, name: string): Promise<SdkEvent> {
  const found = await page.evaluate<SdkEvent | null>(`new Promise((done) => {
    let looks = 0
    const look = () => {
      const event = window.events.find((it) => it.event === ${JSON.stringify(name)})
      looks += 1
      if (event !== undefined || looks > 1000) done(event ?? null)
      else setTimeout(look, 25)
    }
    look()
  })`)
  if (found === null) throw new Error(`No ${name} came, only ${JSON.stringify(await eventsOf(page))}.`)
  return found
}

/** An order with a session that `origin` may frame. */
export async function givenSession(
  server: TestServer,
  origin: string | undefined,
  more: { readonly amount?: number; readonly session?: object; readonly order?: object } = {},
): Promise<{ orderId: string; token: string; url: string }> {
  const merchant = merchantClient(server)
  const orderId = await merchant.order(more.amount ?? 123_450, { description: 'Two cotton shirts', ...more.order })
  const session = await merchant.post(`/v1/orders/${orderId}/sessions`, {
    ...(origin === undefined ? {} : { frame_origins: [origin] }),
    ...more.session,
  })
  if (session.status !== 201) throw new Error(`No session was opened: ${JSON.stringify(session.body)}`)
  return { orderId, token: String(session.body['client_token']), url: String(session.body['url']) }
}
