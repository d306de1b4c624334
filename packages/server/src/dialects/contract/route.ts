// One route of our own APIs as data: what it takes, who may call it, what it answers, and what it does. The same entry
// registers the route, checks requests, and becomes a piece of the API description, so none of them can drift.
// A read answers at once. A write is done once per Idempotency-Key and answers the same bytes ever after.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Access } from '../../http/auth.ts'
import { actorOf } from '../../http/auth.ts'
import { sendEvents } from '../../http/event-stream.ts'
import { claimOf, sendAnswer } from '../../http/idempotency.ts'
import { readJsonBody } from '../../http/json-body.ts'
import { checkShape } from '../../http/request-schema.ts'
import { AppError, invariant } from '../../kernel/errors.ts'
import type { IdKind } from '../../kernel/ids.ts'
import { moneyLiteral } from '../../kernel/json.ts'
import type { ParsedJson } from '../../kernel/json.ts'
import { parseMinor } from '../../kernel/money.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { idempotent } from '../../operations/idempotent.ts'
import type { Idempotency } from '../../operations/idempotent.ts'

/** A piece of the path. `parse` throws AppError id_malformed, naming the field. */
export type Param<T> = { readonly schema: TSchema; parse(text: string, field: string): T }
type Params = Readonly<Record<string, Param<unknown>>>
type ParamsOf<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never }

/** What a schema describes, as an answer may give it: nothing in it is written to. */
export type Answer<Schema extends TSchema> = DeepReadonly<Static<Schema>>
type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

type Described = {
  readonly path: string
  readonly access: Access
  readonly tag: string
  readonly summary: string
  readonly description?: string
}

export type Route = Described & {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly params: Readonly<Record<string, TSchema>>
  readonly query: TSchema
  readonly body: TSchema | null
  readonly status: number
  /** The schema of a JSON answer, or the content type of another one. */
  readonly reply: TSchema | string
  readonly isWrite: boolean
  handle(deps: Deps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
}

export type Asked<P, Q> = { readonly actor: Actor; readonly params: P; readonly query: Q }

const NOTHING = Type.Object({}, { additionalProperties: false })

/** A path segment that is one of our identifiers. */
export function idParam<Id extends string>(kind: IdKind<Id>): Param<Id> {
  return {
    schema: Type.String({ pattern: `^${kind.prefix}_[0-9a-z]{26}$` }),
    parse: (text, field) => {
      if (!kind.is(text)) throw new AppError('id_malformed', { field, expected: `${kind.prefix}_…` })
      return text
    },
  }
}

type Read<P extends Params, Q extends TSchema, R extends TSchema> = Described & {
  readonly params?: P
  readonly query?: Q
  readonly reply: R
  read(deps: Deps, asked: Asked<ParamsOf<P>, Static<Q>>): Promise<Answer<R>>
}

export function read<R extends TSchema, P extends Params = {}, Q extends TSchema = typeof NOTHING>(
  route: Read<P, Q, R>,
): Route {
  return {
    ...described(route, 'GET'),
    body: null,
    status: 200,
    reply: route.reply,
    isWrite: false,
    handle: async (deps, request, reply) => {
      const asked = askedOf<P, Q>(request, route.params, route.query)
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(await route.read(deps, asked)))
    },
  }
}

type Document<P extends Params> = Described & {
  readonly params?: P
  readonly contentType: string
  read(deps: Deps, asked: Asked<ParamsOf<P>, object>): Promise<{ readonly bytes: Buffer; readonly fileName: string }>
}

/** A read that answers a file. */
export function readDocument<P extends Params>(route: Document<P>): Route {
  return {
    ...described(route, 'GET'),
    body: null,
    status: 200,
    reply: route.contentType,
    isWrite: false,
    handle: async (deps, request, reply) => {
      const { bytes, fileName } = await route.read(deps, askedOf<P, typeof NOTHING>(request, route.params, NOTHING))
      return reply
        .type(route.contentType)
        .header('content-disposition', `inline; filename="${fileName.replaceAll(/[^\w.-]/g, '-')}"`)
        .send(bytes)
    },
  }
}

type Events<P extends Params> = Described & {
  readonly params?: P
  /** Whole frames. What it throws before the first one is answered as an error. */
  events(deps: Deps, asked: Asked<ParamsOf<P>, object>, signal: AbortSignal): AsyncGenerator<string>
}

/** A read that goes on: server-sent events. The surface must call `endStreamsOnClose`. */
export function readEvents<P extends Params>(route: Events<P>): Route {
  return {
    ...described(route, 'GET'),
    body: null,
    status: 200,
    reply: 'text/event-stream',
    isWrite: false,
    handle: async (deps, request, reply) => {
      const asked = askedOf<P, typeof NOTHING>(request, route.params, NOTHING)
      return sendEvents(request, reply, (signal) => route.events(deps, asked, signal))
    },
  }
}

export type Written<P, B> = {
  readonly actor: Actor
  readonly params: P
  readonly body: B
  /** The amount of the body, read from its literal. @throws AppError amount_invalid */
  readonly amount: (currency: Currency) => Money
  /** The same for an amount that stands elsewhere in the body. @throws AppError amount_invalid */
  readonly amountAt: (path: readonly string[], currency: Currency) => Money
  /** Pass it on in the command. */
  readonly idempotency: Idempotency
}

type Write<P extends Params, B extends TSchema, R extends TSchema, T> = Described & {
  readonly method?: 'POST' | 'DELETE'
  readonly params?: P
  readonly body?: B
  readonly reply: R
  /** Default 200. */
  readonly status?: number
  /** The answer holds a token or a secret that is shown once. */
  readonly isSecret?: boolean
  act(deps: Deps, written: Written<ParamsOf<P>, Static<B>>): Promise<T>
  /** After a crash: what the first request made, by the id that its operation claimed. */
  resume(deps: Deps, asked: { actor: Actor; params: ParamsOf<P>; subjectId: string }): Promise<T>
  answer(result: T): Answer<R>
}

export function write<T, R extends TSchema, P extends Params = {}, B extends TSchema = typeof NOTHING>(
  route: Write<P, B, R, T>,
): Route {
  const status = route.status ?? 200
  return {
    ...described(route, route.method ?? 'POST'),
    body: route.body ?? null,
    status,
    reply: route.reply,
    isWrite: true,
    handle: async (deps, request, reply) => {
      const { actor, params } = askedOf<P, typeof NOTHING>(request, route.params, NOTHING)
      const parsed = readJsonBody(request)
      const body = checkShape(request, route.body ?? NOTHING, parsed === undefined ? {} : parsed.value) as Static<B>
      // An amount is judged before anything is looked up, whatever currency it turns out to be in.
      const amount = (currency: Currency) => parseMinor(literalOf(parsed), currency, 'amount')
      const amountAt = (path: readonly string[], currency: Currency) =>
        parseMinor(literalOf(parsed, path), currency, path.join('.'))
      if (namesAmount(body)) literalOf(parsed)
      const answer = await idempotent(
        deps,
        actor,
        { ...claimOf(request, body), isSecret: route.isSecret === true },
        {
          act: (idempotency) => route.act(deps, { actor, params, body, amount, amountAt, idempotency }),
          resume: (subjectId) => route.resume(deps, { actor, params, subjectId }),
          answer: (result) => ({ status, body: route.answer(result) }),
        },
      )
      return sendAnswer(reply, answer)
    },
  }
}

function namesAmount(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'amount' in body
}

function literalOf(parsed: ParsedJson | undefined, path: readonly string[] = ['amount']): string {
  invariant(parsed !== undefined, 'A body that names an amount was sent.')
  return moneyLiteral(parsed, path)
}

function described(
  route: Described & { params?: Params; query?: TSchema },
  method: Route['method'],
): Pick<Route, 'path' | 'access' | 'tag' | 'summary' | 'description' | 'method' | 'params' | 'query'> {
  const { path, access, tag, summary, description } = route
  const params = Object.fromEntries(Object.entries(route.params ?? {}).map(([name, { schema }]) => [name, schema]))
  return {
    path,
    access,
    tag,
    summary,
    ...(description === undefined ? {} : { description }),
    method,
    params,
    query: route.query ?? NOTHING,
  }
}

function askedOf<P extends Params, Q extends TSchema>(
  request: FastifyRequest,
  params: P | undefined,
  query: Q | undefined,
): Asked<ParamsOf<P>, Static<Q>> {
  const given = request.params as Readonly<Record<string, string>>
  const parsed = Object.entries(params ?? {}).map(([name, param]) => [name, param.parse(given[name] ?? '', name)])
  return {
    actor: actorOf(request),
    params: Object.fromEntries(parsed) as ParamsOf<P>,
    query: checkShape(request, query ?? (NOTHING as unknown as Q), request.query),
  }
}

export function registerRoutes(app: FastifyInstance, deps: Deps, routes: readonly Route[]): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: { access: route.access },
      handler: (request, reply) => route.handle(deps, request, reply),
    })
  }
}
