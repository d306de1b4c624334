// The gateway's book without the gateway: for whoever compares books while nothing runs. It answers the operator's API
// on a loopback port, starts no worker, and so changes nothing by being there.
import Fastify from 'fastify'
import type pg from 'pg'
import type { Clock } from '../../kernel/clock.ts'
import { createToken } from '../../kernel/secret.ts'
import { GatewayRefusal } from '../refusal.ts'
import { adminRoutes } from './admin.ts'
import { refusalReply } from './answer.ts'

export type ServedBook = { readonly baseUrl: string; readonly adminToken: string; close(): Promise<void> }

export async function serveBook(options: { readonly pool: pg.Pool; readonly clock: Clock }): Promise<ServedBook> {
  const app = Fastify()
  const adminToken = createToken('sba_')
  const closing = new AbortController()
  app.addHook('onRequest', async (request) => {
    if (request.method !== 'GET') throw new GatewayRefusal('FORBIDDEN')
  })
  app.setErrorHandler((error: unknown, _request, reply) => {
    if (error instanceof GatewayRefusal) return refusalReply(reply, error)
    return reply.code(500).send({ error: { code: 'INTERNAL', message: 'The book cannot be read.' } })
  })
  let baseUrl = ''
  const context = {
    ...options,
    adminToken,
    baseUrl: () => baseUrl,
    send: () => Promise.reject(new Error('Nothing is sent while only the book is read.')),
    nudge: () => {},
    sendAbout: async () => {},
    closing: closing.signal,
  }
  await app.register(async (sandbox) => adminRoutes(sandbox, context), { prefix: '/sandbox' })
  baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    baseUrl,
    adminToken,
    close: async () => {
      closing.abort()
      await app.close()
    },
  }
}
