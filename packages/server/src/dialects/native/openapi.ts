// The description of the native API (OpenAPI 3.1), made from the same table that registers its routes and the same
// schemas that check requests. Schemas that the protocol exports by name become components; the rest stands in place.
import * as protocol from '@purser/protocol'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { ERRORS } from '../../kernel/errors.ts'
import type { Deps } from '../../operations/deps.ts'
import type { Route } from '../contract/route.ts'

type Json = Readonly<Record<string, unknown>>

export function registerApiDescription(app: FastifyInstance, deps: Deps, routes: readonly Route[]): void {
  let text: string | undefined
  app.get('/v1/openapi.json', { config: { access: { kind: 'public' } } }, async (_request, reply) => {
    text ??= JSON.stringify(describeApi(routes, deps.publicUrl()))
    return reply.type('application/json; charset=utf-8').header('cache-control', 'public, max-age=300').send(text)
  })
}

export function describeApi(routes: readonly Route[], serverUrl: string): Json {
  const components = createComponents()
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:([a-z_]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Purser',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    security: [{ secretKey: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas(),
      securitySchemes: {
        secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key: `sk_test_…`.' },
      },
    },
  }
}

const INTRODUCTION = `Amounts are whole numbers of minor units (paise, cents). Every write needs an Idempotency-Key: the
same key with the same request gives the same answer and acts once; with another request it is refused (422), and while
the first is under way it is put off (409). Errors are problem details (RFC 9457) with a stable code. Lists are paged by
next_cursor. Unknown fields are refused.`.replaceAll('\n', ' ')

function operationOf(route: Route, components: Components): Json {
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    parameters: parametersOf(route, components),
    ...(route.body === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': contentOf(route.body, components) } } }),
    responses: {
      [String(route.status)]: {
        description: STATUS_WORDS[route.status] ?? 'Done.',
        headers: route.isWrite ? REPLAY_HEADERS : REQUEST_ID_HEADER,
        content:
          typeof route.reply === 'string'
            ? { [route.reply]: { schema: { type: 'string', format: 'binary' } } }
            : { 'application/json': contentOf(route.reply, components) },
      },
      default: {
        description: 'Refused or failed. See `code`.',
        headers: REQUEST_ID_HEADER,
        content: {
          'application/problem+json': { schema: components.refer(protocol.Problem), example: PROBLEM_EXAMPLE },
        },
      },
    },
  }
}

const STATUS_WORDS: Readonly<Record<number, string>> = { 200: 'Done.', 201: 'Made.' }
const REQUEST_ID_HEADER = { 'x-request-id': { schema: { type: 'string' }, description: 'Name of this request.' } }
const REPLAY_HEADERS = {
  ...REQUEST_ID_HEADER,
  'idempotency-replayed': {
    schema: { type: 'string', const: 'true' },
    description: 'There when the answer is one that was given before.',
  },
}
const PROBLEM_EXAMPLE: protocol.Problem = {
  type: '/docs/errors#amount_invalid',
  title: ERRORS.amount_invalid.message,
  status: ERRORS.amount_invalid.status,
  code: 'amount_invalid',
  detail: ERRORS.amount_invalid.advice,
  field: 'amount',
  request_id: `req_${'0123456789abcdef'.repeat(2)}`,
  details: { currency: 'INR', minimum: '1', maximum: '10000000000000' },
}

/** `POST /v1/orders/:id/cancel` is `post_orders_id_cancel`. */
export function operationIdOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method.toLowerCase()}${path.replace(/^\/v1/, '').replaceAll(/[/:-]+/g, '_')}`
}

function parametersOf(route: Route, components: Components): readonly Json[] {
  const inPath = Object.entries(route.params).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: components.inline(schema),
  }))
  const properties = (route.query as TSchema & { properties?: Record<string, TSchema> }).properties ?? {}
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: parameterSchema(schema, components),
  }))
  return [...inPath, ...inQuery, ...(route.isWrite ? [IDEMPOTENCY_KEY] : [])]
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'One per intended action, repeated on retries. 1 to 255 printable ASCII characters.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '5f0d2a4e-order-1001',
}

// A query string is text; what the text stands for is more useful to a reader.
function parameterSchema(schema: TSchema, components: Components): unknown {
  const { 'x-parameter': meant, description } = schema as TSchema & { 'x-parameter'?: Json; description?: string }
  return meant === undefined ? components.inline(schema) : { description, ...meant }
}

function contentOf(schema: TSchema, components: Components): Json {
  const { examples } = schema as TSchema & { examples?: readonly unknown[] }
  return { schema: components.refer(schema), ...(examples === undefined ? {} : { example: examples[0] }) }
}

type Components = {
  /** The schema, or a reference to it where the protocol exports it by name. */
  refer(schema: TSchema): unknown
  /** The schema in place, references inside it. */
  inline(schema: TSchema): unknown
  schemas(): Json
}

function createComponents(): Components {
  const names = new Map<unknown, string>()
  for (const [name, value] of Object.entries(protocol)) if (typeof value === 'object') names.set(value, name)
  const made = new Map<string, unknown>()

  function walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const name = names.get(value)
    return name === undefined ? walkInside(value) : reference(name, value)
  }
  function walkInside(value: object): Json {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]))
  }
  function reference(name: string, value: object): Json {
    if (!made.has(name)) {
      made.set(name, undefined)
      made.set(name, walkInside(value))
    }
    return { $ref: `#/components/schemas/${name}` }
  }
  return {
    refer: walk,
    inline: (schema) => walkInside(schema),
    schemas: () => Object.fromEntries([...made].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
