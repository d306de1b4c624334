// A receiver of notifications for tests: a real HTTP server that keeps the exact bytes of what arrives.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Loose } from './running-sandbox.ts'

export type Received = { readonly headers: Record<string, string>; readonly raw: Buffer; readonly body: Loose }

export type NotificationInbox = {
  readonly url: string
  readonly received: readonly Received[]
  /** The status of the next answers; 200 once they are used up. */
  readonly answerWith: (...statuses: number[]) => void
  /** Resolves with those that match, once there are that many. Rejects after 10 seconds. */
  readonly waitFor: (count: number, matches: (body: Loose) => boolean) => Promise<Received[]>
  readonly stop: () => Promise<void>
}

export async function startNotificationInbox(): Promise<NotificationInbox> {
  const received: Received[] = []
  const listeners = new Set<() => void>()
  let statuses: number[] = []
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      received.push({ headers: request.headers as Record<string, string>, raw, body: JSON.parse(raw.toString()) })
      const [status = 200, ...rest] = statuses
      statuses = rest
      reply.writeHead(status).end()
      for (const listener of listeners) listener()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/notifications`,
    received,
    answerWith: (...next) => {
      statuses = next
    },
    waitFor: (count, matches) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = received.filter(({ body }) => matches(body))
          if (found.length < count) return
          clearTimeout(giveUp)
          listeners.delete(look)
          resolve(found)
        }
        const giveUp = setTimeout(() => {
          listeners.delete(look)
          const found = received.filter(({ body }) => matches(body)).length
          reject(new Error(`${found} of ${count} notifications arrived within 10 seconds.`))
        }, 10_000)
        listeners.add(look)
        look()
      }),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
