// What the operator of the sandbox does, behind the admin token: accounts, the fault plan, the clock, the book.
// Purser's own server is such an operator, and so is every test.
import { Type } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { equalInConstantTime } from '../../kernel/secret.ts'
import { advanceClock } from '../actions/settle-due.ts'
import { accountNow } from '../actions/context.ts'
import { FAULT_NAMES, FAULT_TARGETS, LONGEST_DELAY_MS } from '../faults.ts'
import { newId } from '../ids.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { createSandboxAccount, findAccount, setNotificationUrl } from '../store/accounts.ts'
import { readBook } from '../store/book.ts'
import { nextDueInMs } from '../store/due.ts'
import { deleteFaults, insertFault, listFaults } from '../store/faults.ts'
import { bookView } from '../views.ts'
import type { GatewayContext } from './context.ts'
import { bankDisputeRoutes } from './disputes.ts'
import { payerMandateRoutes } from './mandates.ts'
import { reader, readWebAddress } from './shapes.ts'

const strict = { additionalProperties: false } as const
const Url = Type.Union([Type.String({ maxLength: 2048 }), Type.Null()])

const readAccount = reader(
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }), notification_url: Type.Optional(Url) }, strict),
)
const readUrl = reader(Type.Object({ notification_url: Url }, strict))
const readClock = reader(Type.Object({ advance_ms: Type.Integer({ minimum: 0, maximum: 400 * 86_400_000 }) }, strict))

const FaultBody = Type.Object(
  {
    match: Type.Object(
      {
        call: Type.Union(FAULT_TARGETS.map((target) => Type.Literal(target))),
        reference: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        nth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
      },
      strict,
    ),
    fault: Type.Union(FAULT_NAMES.map((name) => Type.Literal(name))),
    // How often it strikes: once by default, null until it is deleted.
    times: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()])),
    status: Type.Optional(Type.Union([401, 409, 422, 429].map((status) => Type.Literal(status)))),
    applied: Type.Optional(Type.Boolean()),
    delay_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_DELAY_MS })),
    copies: Type.Optional(Type.Integer({ minimum: 2, maximum: 100 })),
  },
  strict,
)
const readFault = reader(FaultBody)

type OfAccount = { Params: { id: string } }

export function adminRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.addHook('onRequest', async (request) => {
    const given = /^Bearer (.{1,200})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const { adminToken } = context
    if (adminToken === undefined || adminToken === '' || !equalInConstantTime(given, adminToken)) {
      throw new GatewayRefusal('FORBIDDEN')
    }
  })

  app.post('/accounts', async (request, reply) => {
    const { name, notification_url: url = null } = readAccount(request.body)
    const notificationUrl = url === null ? null : readWebAddress(url, 'notification_url')
    const made = await createSandboxAccount(context.pool, { name, notificationUrl, now: context.clock.now() })
    return reply.code(201).send({
      account_id: made.accountId,
      api_key: made.apiKey,
      notification_secret: made.notificationSecret,
      notification_url: notificationUrl,
    })
  })

  app.post<OfAccount>('/accounts/:id', async (request) => {
    const { notification_url: url } = readUrl(request.body)
    const notificationUrl = url === null ? null : readWebAddress(url, 'notification_url')
    const found = await setNotificationUrl(context.pool, request.params.id, notificationUrl)
    if (!found) throw new GatewayRefusal('NOT_FOUND', 'account')
    return { account_id: request.params.id, notification_url: notificationUrl }
  })

  clockRoutes(app, context)
  faultRoutes(app, context)
  bankDisputeRoutes(app, context, (request) => accountOf(context, request))
  payerMandateRoutes(app, context, (request) => accountOf(context, request))

  app.get<OfAccount & { Querystring: { after?: string; limit?: string } }>('/accounts/:id/book', async (request) => {
    const account = await accountOf(context, request)
    const limit = readLimit(request.query.limit)
    const entries = await readBook(context.pool, account.id, request.query.after ?? '', limit + 1)
    const page = entries.slice(0, limit)
    const view = { notificationSecret: account.notificationSecret, baseUrl: context.baseUrl() }
    return {
      payments: page.map((entry) => bookView(entry, view)),
      next: entries.length > limit ? (page.at(-1)?.payment.id ?? null) : null,
    }
  })
}

function clockRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get<OfAccount>('/accounts/:id/clock', async (request) => clockView(context, await accountOf(context, request), 0))

  app.post<OfAccount>('/accounts/:id/clock', async (request) => {
    const { advance_ms: advanceMs } = readClock(request.body)
    const account = await accountOf(context, request)
    const settled = await advanceClock(context, account.id, account.clockOffsetMs + advanceMs)
    context.nudge('both')
    return clockView(context, await accountOf(context, request), settled)
  })
}

async function clockView(context: GatewayContext, account: Account, settled: number) {
  return {
    now: accountNow(context, account).toISOString(),
    offset_ms: account.clockOffsetMs,
    settled,
    next_due_in_ms: await nextDueInMs(context.pool, account.id),
  }
}

function faultRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post<OfAccount>('/accounts/:id/faults', async (request, reply) => {
    const account = await accountOf(context, request)
    const { match, fault, times = 1, ...parameters } = readFault(request.body)
    const planned = {
      id: newId('sbf', context.clock.now()),
      call: match.call,
      reference: match.reference ?? null,
      nth: match.nth ?? 1,
      seen: 0,
      remaining: times,
      fault,
      parameters,
    }
    await insertFault(context.pool, account.id, planned)
    return reply.code(201).send(planned)
  })
  app.get<OfAccount>('/accounts/:id/faults', async (request) => {
    const account = await accountOf(context, request)
    return { faults: await listFaults(context.pool, account.id) }
  })
  app.delete<OfAccount>('/accounts/:id/faults', async (request) => {
    const account = await accountOf(context, request)
    return { deleted: await deleteFaults(context.pool, account.id, null) }
  })
  app.delete<{ Params: { id: string; fault: string } }>('/accounts/:id/faults/:fault', async (request) => {
    const account = await accountOf(context, request)
    const deleted = await deleteFaults(context.pool, account.id, request.params.fault)
    if (deleted === 0) throw new GatewayRefusal('NOT_FOUND', 'fault')
    return { deleted }
  })
}

async function accountOf(context: GatewayContext, request: FastifyRequest<OfAccount>): Promise<Account> {
  const account = await findAccount(context.pool, request.params.id)
  if (account === undefined) throw new GatewayRefusal('NOT_FOUND', 'account')
  return account
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return 100
  const limit = /^[1-9]\d{0,2}$/.test(text) ? Number.parseInt(text, 10) : 0
  if (limit < 1 || limit > 500) throw new GatewayRefusal('BAD_REQUEST', 'limit')
  return limit
}
