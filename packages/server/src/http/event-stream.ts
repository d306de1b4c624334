// Server-sent events: an answer that goes on. Each is ended when its reader goes, when the server stops, or by its
// source; a server that stops must not wait for a payer to close a page.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../kernel/errors.ts'

/** Beyond this a page asks now and then instead. */
const MOST_STREAMS = 2_000
/** Of one client token: a page and a few reloads of it. */
const MOST_STREAMS_OF_ONE = 5

type Stream = { readonly life: AbortController; readonly reader: string }

const open = new Map<FastifyInstance['server'], Set<Stream>>()

/** Call once where event streams are registered. */
export function endStreamsOnClose(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    for (const stream of open.get(app.server) ?? []) stream.life.abort()
  })
}

/**
 * `source` yields whole frames (`data: …\n\n`). What it throws before the first one is answered as an error.
 * @throws AppError overloaded
 */
export async function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  source: (signal: AbortSignal) => AsyncGenerator<string>,
): Promise<FastifyReply> {
  const { server } = request.server
  const streams = open.get(server) ?? new Set()
  open.set(server, streams)
  if (streams.size >= MOST_STREAMS) throw new AppError('overloaded', { retry_after_seconds: 30 })
  const reader = request.actor?.id ?? request.ip
  const ofReader = [...streams].filter((stream) => stream.reader === reader)
  if (ofReader.length >= MOST_STREAMS_OF_ONE) throw new AppError('rate_limited', { retry_after_seconds: 30 })
  const life = new AbortController()
  const stream: Stream = { life, reader }
  streams.add(stream)
  const { raw } = reply
  raw.once('close', () => life.abort())
  try {
    const frames = source(life.signal)
    const first = await frames.next()
    reply.hijack()
    raw.writeHead(200, { ...headersOf(reply), 'content-type': 'text/event-stream; charset=utf-8' })
    if (first.done !== true) raw.write(first.value)
    for await (const frame of frames) {
      if (life.signal.aborted) break
      raw.write(frame)
    }
    raw.end()
  } catch (error) {
    if (!raw.headersSent) throw error
    // The page notices, and asks.
    raw.destroy()
  } finally {
    streams.delete(stream)
  }
  return reply
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
  // A proxy that collects an answer before it passes it on would keep the news.
  return { ...Object.fromEntries(headers), 'x-accel-buffering': 'no' }
}
