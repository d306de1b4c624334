// Answers one call of the gateway's API as the fault plan and the instrument say: as it should be, or late, cut off,
// unreadable, or not at all. What was applied and what was told are decided apart; that is the point of this gateway.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { delay } from '../../kernel/clock.ts'
import type { Fault, FaultName, GatewayCall } from '../faults.ts'
import type { ReplyScript } from '../instruments.ts'
import { SLOW_REPLY_MS } from '../instruments.ts'
import { GatewayRefusal, refusalBody } from '../refusal.ts'
import type { RefusalCode } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findAccountByKey } from '../store/accounts.ts'
import { takeFault } from '../store/faults.ts'
import { inTransaction } from '../store/transaction.ts'
import type { GatewayContext } from './context.ts'

export type Answered = {
  readonly status: number
  readonly body: object
  /** The payment or refund that this is about. */
  readonly objectId?: string
  readonly reply?: ReplyScript
}

export type Call = {
  readonly name: GatewayCall
  /** The names by which a fault may pick out this call; looked up only where there are faults. */
  readonly references: (account: Account) => Promise<readonly string[]>
  readonly apply: (account: Account, fault: Fault | undefined) => Promise<Answered>
}

const HANG_MS = 120_000
const GARBAGE = '<!doctype html><html><head><title>Scheduled maintenance</title></head><body>We will be back.</body>'
const REFUSED_WITH: Record<401 | 409 | 422 | 429, RefusalCode> = {
  401: 'UNAUTHORISED',
  409: 'NOT_ALLOWED_NOW',
  422: 'AMOUNT_TOO_HIGH',
  429: 'TOO_MANY_REQUESTS',
}

/** `read` runs once the caller is known: a stranger learns nothing about what a request should look like. */
export async function serveCall(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => Call,
) {
  const account = await authenticate(context, request)
  const call = read()
  const fault = account.faultCount === 0 ? undefined : await strike(context, account, call)
  if (fault?.name === 'lost_request') return cut(reply)
  if (fault?.name === 'refuse') {
    throw new GatewayRefusal(REFUSED_WITH[fault.parameters.status ?? 429], 'planned')
  }
  if (fault?.name === 'http_500' && fault.parameters.applied === false) return serverError(reply)
  if (fault?.name === 'late_request') await delay(fault.parameters.delay_ms ?? 0, context.closing)

  const answered = await applied(call, account, fault)
  if (answered.reply === 'http_500_not_applied') return serverError(reply)
  return tell(context, reply, answered, fault)
}

// A refusal is told, or not told, like any other answer.
async function applied(call: Call, account: Account, fault: Fault | undefined): Promise<Answered> {
  try {
    return await call.apply(account, fault)
  } catch (error) {
    if (error instanceof GatewayRefusal) return { status: error.status, body: refusalBody(error) }
    throw error
  }
}

/** Whose key it is. @throws GatewayRefusal UNAUTHORISED */
export async function authenticate(context: GatewayContext, request: FastifyRequest): Promise<Account> {
  const [, key] = /^Bearer ([!-~]{1,200})$/.exec(request.headers.authorization ?? '') ?? []
  const account = key === undefined ? undefined : await findAccountByKey(context.pool, key)
  if (account === undefined) throw new GatewayRefusal('UNAUTHORISED')
  return account
}

async function strike(context: GatewayContext, account: Account, call: Call): Promise<Fault | undefined> {
  const references = await call.references(account)
  return inTransaction(context.pool, (tx) => takeFault(tx, account.id, call.name, references))
}

async function tell(context: GatewayContext, reply: FastifyReply, answered: Answered, fault: Fault | undefined) {
  const body = JSON.stringify(answered.body)
  if (fault?.name === 'notice_first' && answered.objectId !== undefined) await context.sendAbout(answered.objectId)
  const trouble = TROUBLE[fault?.name ?? answered.reply ?? 'none']
  if (trouble === 'cut') return cut(reply)
  if (trouble === 'hang') return hang(context, reply)
  if (trouble === 'error') return serverError(reply)
  if (trouble === 'garbage') return reply.code(200).header('content-type', 'text/html').send(GARBAGE)
  if (trouble === 'half') return half(reply, answered.status, body)
  if (trouble === 'late') await delay(fault?.parameters.delay_ms ?? SLOW_REPLY_MS, context.closing)
  return reply.code(answered.status).header('content-type', 'application/json').send(body)
}

// What is left to go wrong once the call was applied.
type Trouble = 'cut' | 'hang' | 'error' | 'garbage' | 'half' | 'late'
const TROUBLE: Partial<Record<FaultName | ReplyScript | 'none', Trouble>> = {
  lost: 'cut',
  lost_reply: 'cut',
  silent: 'cut',
  hang: 'hang',
  http_500: 'error',
  garbage: 'garbage',
  half: 'half',
  half_body: 'half',
  slow: 'late',
  delay: 'late',
}

function serverError(reply: FastifyReply) {
  const body = { error: { code: 'INTERNAL', message: 'Something went wrong at the gateway.' } }
  return reply.code(500).header('content-type', 'application/json').send(JSON.stringify(body))
}

/** Ends the connection without a word, as a reset in the network would. */
function cut(reply: FastifyReply) {
  reply.hijack()
  reply.raw.destroy()
}

function half(reply: FastifyReply, status: number, body: string) {
  reply.hijack()
  reply.raw.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  reply.raw.write(body.slice(0, Math.floor(body.length / 2)), () => reply.raw.destroy())
}

async function hang(context: GatewayContext, reply: FastifyReply) {
  reply.hijack()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  await delay(HANG_MS, AbortSignal.any([gone.signal, context.closing]))
  reply.raw.destroy()
}

export function refusalReply(reply: FastifyReply, refusal: GatewayRefusal) {
  if (refusal.code === 'TOO_MANY_REQUESTS') void reply.header('retry-after', '1')
  const body = JSON.stringify(refusalBody(refusal))
  return reply.code(refusal.status).header('content-type', 'application/json').send(body)
}
