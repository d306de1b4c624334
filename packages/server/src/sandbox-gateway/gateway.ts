// The gateway as a Fastify plug-in: everything under /sandbox. It shares the server's port with Purser and nothing
// else: own parsers, own error words, own database role. Purser talks to it over HTTP like to any other gateway.
import type { FastifyInstance } from 'fastify'
import { AppError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import { adminRoutes } from './http/admin.ts'
import { refusalReply } from './http/answer.ts'
import { apiRoutes } from './http/api.ts'
import type { GatewayContext } from './http/context.ts'
import { ownAccountRoutes } from './http/own-account.ts'
import { payerPages } from './http/pages.ts'
import { settlementRoutes } from './http/settlements.ts'
import { SANDBOX_INSTRUMENTS } from './instruments.ts'
import type { SandboxOptions } from './options.ts'
import { GatewayRefusal } from './refusal.ts'
import type { SandboxWorkers } from './workers.ts'

const BODY_LIMIT = 64 * 1024

export type SandboxGatewayOptions = SandboxOptions & {
  /** The loops that run beside the API. They outlive it: stop them after the server is closed. */
  readonly workers: SandboxWorkers
}

export async function sandboxGateway(app: FastifyInstance, options: SandboxGatewayOptions): Promise<void> {
  await app.register(
    async (gateway) => {
      const context = contextOf(gateway, options)
      addParsers(gateway)
      addErrorWords(gateway, context)
      gateway.get('/instruments', async () => ({ instruments: SANDBOX_INSTRUMENTS.map(toPublic) }))
      payerPages(gateway, context)
      apiRoutes(gateway, context)
      ownAccountRoutes(gateway, context)
      settlementRoutes(gateway, context)
      await gateway.register(async (admin) => adminRoutes(admin, context))
    },
    { prefix: '/sandbox', bodyLimit: BODY_LIMIT },
  )
}

function contextOf(gateway: FastifyInstance, options: SandboxGatewayOptions): GatewayContext {
  const closing = new AbortController()
  gateway.addHook('preClose', async () => closing.abort())
  const { nudge, sendAbout } = options.workers
  return { ...options, nudge, sendAbout, closing: closing.signal }
}

function addParsers(gateway: FastifyInstance): void {
  gateway.removeAllContentTypeParsers()
  gateway.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body).value)
    } catch (error) {
      done(error as Error)
    }
  })
  gateway.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  )
}

function addErrorWords(gateway: FastifyInstance, context: GatewayContext): void {
  gateway.setErrorHandler((error: unknown, _request, reply) => {
    if (error instanceof GatewayRefusal) return refusalReply(reply, error)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (error instanceof AppError || (status >= 400 && status < 500)) {
      return refusalReply(reply, new GatewayRefusal('BAD_REQUEST', 'body'))
    }
    context.onError?.('The sandbox gateway could not answer a call.', error)
    const body = { error: { code: 'INTERNAL', message: 'Something went wrong at the gateway.' } }
    return reply.code(500).header('content-type', 'application/json').send(JSON.stringify(body))
  })
}

function toPublic(instrument: (typeof SANDBOX_INSTRUMENTS)[number]) {
  const { method, key, name, does, network, lastFour } = instrument
  return { method, key, name, does, network, last_four: lastFour }
}
