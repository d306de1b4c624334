// Requests made from the route table and then spoilt: fields dropped, added, doubled and replaced by hostile values,
// paths, queries, headers and raw bytes broken. All chance comes from a seed, so a request can be made again.
import type { TSchema } from 'typebox'
import { invariant } from '../kernel/errors.ts'
import type { Route } from '../dialects/contract/route.ts'
import type { ApiRequest, Loose } from './api-setup.ts'

export type Chance = {
  /** Uniform in [0, 1). */
  fraction(): number
  /** From a list that is not empty and holds nothing undefined. */
  pick<T>(from: readonly T[]): T
  below(limit: number): number
}

/** mulberry32: small, seeded, good enough to vary requests. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(fraction() * limit)
  function pick<T>(from: readonly T[]): T {
    const picked = from[below(from.length)]
    invariant(picked !== undefined, 'There is something to pick from.')
    return picked
  }
  return { fraction, below, pick }
}

export type World = {
  readonly chance: Chance
  /** Identifiers that exist, by prefix: `ord`, `pay`, and so on. */
  readonly ids: Readonly<Record<string, readonly string[]>>
  /** Names of database columns, as fields that nobody should be able to set. */
  readonly columns: readonly string[]
  readonly tokens: readonly (string | null)[]
  /** Fresh text, for references and keys. */
  fresh(): string
}

const HOSTILE_VALUES: readonly unknown[] = [null, true, false, 0, -1, 1.5, -0, 1e300, 2 ** 53, [], {}, [[]], ['a\0']]
const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\nx-injected: 1',
  "' or 1=1 --",
  '--1',
  '-1',
  '1; drop table orders',
  '%s%n',
  '${7*7}',
  '{{7*7}}',
  '../../etc/passwd',
  '..%2f..%2f',
  '<script>alert(1)</script>',
  '\u202egnp.exe',
  '\ud800',
  '💸'.repeat(100),
  'e\u0301'.repeat(200),
  `e${'\u0301'.repeat(3000)}`,
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '1e2',
  '4111111111111111',
  'javascript:alert(1)',
  'http://169.254.169.254/',
  'https://user:pass@host.example/',
  'http://[::1]:1/',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999+14:00',
  '2026-02-30T00:00:00Z',
]

/** A request that the route would take, as far as its schemas tell. */
export function validRequest(route: Route, world: World): ApiRequest {
  const path = Object.entries(route.params).reduce(
    (text, [name, schema]) => text.replace(`:${name}`, encodeURIComponent(String(sample(schema, world)))),
    route.path,
  )
  const query = Object.entries((route.query as Loose).properties ?? {})
    .filter(() => world.chance.fraction() < 0.3)
    .map(([name, schema]) => `${name}=${encodeURIComponent(String(sample(schema as TSchema, world)))}`)
  return {
    method: route.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    idempotencyKey: route.isWrite ? world.fresh() : null,
    ...(route.body === null ? {} : { body: sample(route.body, world) }),
  }
}

function sample(schema: TSchema, world: World): unknown {
  const { chance } = world
  const shape = schema as Loose
  if (shape.const !== undefined) return shape.const
  if (shape.enum !== undefined) return chance.pick(shape.enum)
  if (shape.anyOf !== undefined) return sample(chance.pick(shape.anyOf), world)
  switch (shape.type) {
    case 'object':
      return sampleObject(shape, world)
    case 'array':
      return [sample(shape.items, world)]
    case 'integer':
      return (shape.minimum ?? 0) + chance.below(Math.min((shape.maximum ?? 1000) - (shape.minimum ?? 0), 1000) + 1)
    case 'boolean':
      return chance.fraction() < 0.5
    case 'null':
      return null
    default:
      return sampleText(shape, world)
  }
}

function sampleObject(shape: Loose, world: World): object {
  const required: readonly string[] = shape.required ?? []
  const named = Object.entries(shape.properties ?? {})
    .filter(([name]) => required.includes(name) || world.chance.fraction() < 0.4)
    .map(([name, schema]) => [name, sample(schema as TSchema, world)] as const)
  return Object.fromEntries(shape.patternProperties === undefined ? named : [['plan', 'gold']])
}

function sampleText(shape: Loose, world: World): string {
  const [, prefix] = /^\^([a-z]+)_\[0-9a-z\]/.exec(shape.pattern ?? '') ?? []
  if (prefix !== undefined) return world.chance.pick(world.ids[prefix] ?? [`${prefix}_${'0'.repeat(26)}`])
  if (shape.maxLength === 64) return world.fresh()
  if (shape.pattern?.startsWith('^https?') === true) return 'https://shop.example/hook'
  if (shape.pattern?.startsWith('^\\d{4}') === true) return '2099-01-01T00:00:00Z'
  if (shape.pattern === '^[1-9][0-9]{0,13}$') return String(1 + world.chance.below(1000))
  if (shape['x-parameter'] !== undefined) return '3'
  return shape.examples?.[0] ?? 'text'
}

/** Every hostile value in every field of the route's body and query, one at a time, the rest as it should be. */
export function* sweep(route: Route, world: World): Generator<ApiRequest> {
  const everything = { ...world, chance: { ...world.chance, fraction: () => 0 } }
  const values = [...HOSTILE_VALUES, ...HOSTILE_TEXTS]
  for (const value of values) {
    for (const path of route.body === null ? [] : leavesOf(sample(route.body, everything))) {
      const request = validRequest(route, world)
      yield { ...request, body: replaced(sample(route.body ?? route.query, everything), path, value) }
    }
    for (const name of Object.keys((route.query as Loose).properties ?? {})) {
      const { path, ...request } = validRequest(route, world)
      yield { ...request, path: `${path.split('?')[0]}?${name}=${encodeURIComponent(wellFormed(String(value)))}` }
    }
  }
}

type Path = readonly string[]

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, name]))
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by
  // What may be nothing at all is drawn anew each time: nothing has no fields yet.
  const inside = (value ?? {}) as Readonly<Record<string, unknown>>
  const changed = replaced(inside[step], rest, by)
  return Array.isArray(value) ? [changed] : { ...inside, [step]: changed }
}

/** The request with one to three things wrong with it; one in ten with none. */
export function spoil(request: ApiRequest, world: World): ApiRequest {
  let spoilt = request
  if (world.chance.fraction() < 0.1) return request
  for (let times = 1 + world.chance.below(3); times > 0; times -= 1)
    spoilt = world.chance.pick(MUTATIONS)(spoilt, world)
  return spoilt
}

type Mutation = (request: ApiRequest, world: World) => ApiRequest

const MUTATIONS: readonly Mutation[] = [
  inBody((body, { chance }) => {
    const { [chance.pick(Object.keys(body))]: _, ...rest } = body
    return rest
  }),
  inBody((body, world) => ({ ...body, [world.chance.pick(Object.keys(body))]: hostile(world) })),
  inBody((body, world) => ({ ...body, [world.chance.pick(Object.keys(body))]: hostile(world) })),
  inBody((body, world) => ({ ...body, [world.chance.pick(world.columns)]: hostile(world) })),
  inBody((body, world) => ({ ...body, [world.chance.pick(HOSTILE_TEXTS)]: 1 })),
  inBody((body, world) => {
    const nested = Object.entries(body).filter(([, value]) => typeof value === 'object' && value !== null)
    if (nested.length === 0) return body
    const [name, value] = world.chance.pick(nested)
    return { ...body, [name]: { ...(value as object), [world.chance.pick(world.columns)]: hostile(world) } }
  }),
  (request, world) => ({ ...request, body: hostile(world) }),
  (request, { chance }) => inRaw(request, (raw) => raw.slice(0, chance.below(raw.length + 1))),
  (request, { chance }) =>
    inRaw(request, (raw) => raw.replace(/[a-z]/, () => chance.pick(['\0', '\\', '"', '\u00ff', ',']))),
  (request) => inRaw(request, (raw) => raw.replace('{', '{"amount":1,"amount":2,')),
  (request) => inRaw(request, (raw) => raw.replace('{', '{"__proto__":{"isAdmin":true},')),
  (request) => inRaw(request, (raw) => `${'['.repeat(40)}${raw}${']'.repeat(40)}`),
  (request) => ({ ...request, raw: Buffer.from([0xff, 0xfe, 0x7b, 0x7d]) }),
  (request) => ({ ...request, raw: `{"x":"${'a'.repeat(70_000)}"}` }),
  inPath((path, world) =>
    path.replace(/[a-z]{3}_[0-9a-z]{26}/, () => encodeURIComponent(wellFormed(world.chance.pick(HOSTILE_TEXTS)))),
  ),
  inPath((path, { chance }) => path.replace(/[a-z]{3}_/, () => `${chance.pick(['ord', 'pay', 'mer', 'zzz'])}_`)),
  inPath(
    (path, { chance }) =>
      `${path}${chance.pick(['/', '//', '/..', '%00', '%', '%zz', '%ff', ';a=b', '/x'.repeat(300)])}`,
  ),
  inPath((path, { chance }) => path.replace('/v1/', () => chance.pick(['/V1/', '//v1/', '/v1//', '/v9/', '/%76%31/']))),
  inPath((path, world) => `${path}${path.includes('?') ? '&' : '?'}${queryOf(world)}`),
  (request, { chance }) => ({
    ...request,
    method: chance.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']),
  }),
  (request, { chance, tokens }) => ({ ...request, token: chance.pick(tokens) }),
  (request, { chance }) => ({
    ...request,
    idempotencyKey: chance.pick([null, '', ' ', 'x'.repeat(300), 'caf\u00e9', 'same']),
  }),
  inHeaders('content-type', [
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    '',
    'x',
    'multipart/form-data',
  ]),
  inHeaders('authorization', [
    'Basic eDp5',
    'Bearer',
    'Bearer ',
    'Negotiate x',
    'Bearer \u00e9',
    `Bearer ${'a'.repeat(9000)}`,
  ]),
  inHeaders('cookie', ['purser_sign_in=x', 'purser_sign_in=%zz', 'a; b; =c', `purser_sign_in=si_${'0'.repeat(64)}`]),
  inHeaders('content-encoding', ['gzip', 'br', 'x']),
  inHeaders('accept', ['text/html', '*/*;q=x', '']),
  inHeaders('x-http-method-override', ['DELETE']),
]

function hostile({ chance, ids }: World): unknown {
  switch (chance.below(4)) {
    case 0:
      return chance.pick(HOSTILE_VALUES)
    case 1:
      return chance.pick(Object.values(ids).flat())
    default:
      return chance.pick(HOSTILE_TEXTS)
  }
}

function inBody(change: (body: Readonly<Record<string, unknown>>, world: World) => object): Mutation {
  return (request, world) => {
    const body = request.body as Readonly<Record<string, unknown>> | null | undefined
    if (typeof body !== 'object' || body === null || Object.keys(body).length === 0)
      return { ...request, body: hostile(world) }
    return { ...request, body: change(body, world) }
  }
}

function inRaw(request: ApiRequest, change: (raw: string) => string): ApiRequest {
  return {
    ...request,
    raw: change(typeof request.raw === 'string' ? request.raw : (JSON.stringify(request.body) ?? '{}')),
  }
}

function inPath(change: (path: string, world: World) => string): Mutation {
  return (request, world) => ({ ...request, path: change(request.path, world) })
}

function inHeaders(name: string, values: readonly string[]): Mutation {
  return (request, { chance }) => ({ ...request, headers: { ...request.headers, [name]: chance.pick(values) } })
}

function queryOf({ chance }: World): string {
  const name = chance.pick([
    'limit',
    'cursor',
    'from',
    'to',
    'status',
    'search',
    'order_id',
    'type',
    'id',
    '__proto__',
    'a[b]',
    '%00',
  ])
  return `${name}=${encodeURIComponent(wellFormed(chance.pick(HOSTILE_TEXTS)))}`
}

// Half a surrogate pair cannot be percent-encoded at all.
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd')
}
