// A merchant's webhook receiver in small: it listens on loopback and acknowledges only what it believes. For our own
// events that is what the public `standardwebhooks` library verifies with the endpoint's secret.
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { Json } from './api.ts'

const LOOK_AGAIN_MS = 20

export type ReceivedEvent = { readonly id: string; readonly type: string; readonly data: Json }

export type Inbox = {
  readonly url: string
  /** The first event that fits, or undefined when none came within `ms` milliseconds. */
  waitFor(fits: (event: ReceivedEvent) => boolean, ms: number): Promise<ReceivedEvent | undefined>
  close(): Promise<void>
}

export type Receiver = Inbox & {
  /** Until it is told the secret it refuses everything, and the server tries again later. */
  trust(secret: string): void
  /** Whether the last verified message still verifies with another amount in it. It must not. */
  believesForgery(): boolean
}

export type Message = { readonly body: string; readonly headers: Record<string, string> }

export async function openReceiver(): Promise<Receiver> {
  let webhook: Webhook | undefined
  let last: Message | undefined
  const inbox = await openInbox(204, (message) => {
    const event = verify(webhook, message)
    if (event !== undefined) last = message
    return event
  })
  return {
    ...inbox,
    trust: (secret) => {
      webhook = new Webhook(secret)
    },
    believesForgery: () => {
      if (last === undefined) return false
      const body = last.body.replace(/"amount":\d+/, (amount) => `${amount}0`)
      return body === last.body || verify(webhook, { ...last, body }) !== undefined
    },
  }
}

/** Keeps what `read` believes, and acknowledges it with `status`; everything else is answered 401. */
export async function openInbox(status: number, read: (message: Message) => ReceivedEvent | undefined): Promise<Inbox> {
  const events: ReceivedEvent[] = []
  const server = createServer((request, response) => {
    void readMessage(request).then((message) => {
      const event = read(message)
      // Delivery is at least once: a message that came before is the same event again.
      if (event !== undefined && !events.some((known) => known.id === event.id)) events.push(event)
      response.writeHead(event === undefined ? 401 : status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    async waitFor(fits, ms) {
      const signal = AbortSignal.timeout(ms)
      for (;;) {
        const found = events.find(fits)
        if (found !== undefined || signal.aborted) return found
        await sleep(LOOK_AGAIN_MS)
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function verify(webhook: Webhook | undefined, { body, headers }: Message): ReceivedEvent | undefined {
  if (webhook === undefined) return undefined
  try {
    const { type, data } = webhook.verify(body, headers) as { type: string; data: Json }
    return { id: headers['webhook-id'] ?? '', type, data }
  } catch {
    return undefined
  }
}

async function readMessage(request: IncomingMessage): Promise<Message> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    body: Buffer.concat(chunks).toString('utf8'),
    headers: Object.fromEntries(headers) as Record<string, string>,
  }
}
