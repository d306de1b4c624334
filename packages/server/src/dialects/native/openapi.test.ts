import Fastify from 'fastify'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApi } from '../../testing/api-setup.ts'
import type { Loose, TestApi } from '../../testing/api-setup.ts'
import { sdkRoutes } from '../sdk/session.ts'
import { native } from './index.ts'
import { describeApi, operationIdOf } from './openapi.ts'
import { nativeRoutes } from './routes.ts'

const api: Loose = JSON.parse(JSON.stringify(describeApi(nativeRoutes, 'https://pay.example')))

let server: TestApi

beforeAll(async () => {
  server = await startTestApi()
})

afterAll(() => server.close())

describe('The API description', () => {
  test('is served to everyone', async () => {
    const { status, headers, body } = await server.call({ path: '/v1/openapi.json', token: null })
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    expect(body.paths).toEqual(api.paths)
    expect(body.servers).toEqual([{ url: 'http://127.0.0.1:7300' }])
  })

  test('has every route of the table, each under a name of its own', () => {
    const described = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described).toHaveLength(nativeRoutes.length)
    for (const { method, path } of nativeRoutes) {
      expect(described).toContain(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    }
    const names = nativeRoutes.map(operationIdOf)
    expect(new Set(names).size).toBe(names.length)
  })

  test('has every route that is registered under /v1, but the description itself', async () => {
    const registered: string[] = []
    const app = Fastify()
    app.addHook('onRoute', ({ method, url }) => void registered.push(`${String(method)} ${url}`))
    await app.register(async (scope) => native.register(scope, server.deps))
    await app.ready()
    const described = nativeRoutes.map(({ method, path }) => `${method} ${path}`)
    const ours = registered.filter((route) => route.includes(' /v1/') && !route.startsWith('HEAD '))
    expect(ours.sort()).toEqual([...described, 'GET /v1/openapi.json'].sort())
    await app.close()
  })

  test('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '')
    expect(references.length).toBeGreaterThan(50)
    for (const reference of references) {
      const found = reference
        .replace('#/', '')
        .split('/')
        .reduce((at: Loose, step) => at?.[step], api)
      expect(found, reference).toBeTypeOf('object')
    }
  })

  test('shows an example of every body, and each is one that the schema takes', () => {
    for (const route of nativeRoutes) {
      if (route.body === null) continue
      const { examples } = route.body as Loose
      expect(examples, route.path).toHaveLength(1)
      expect([...Value.Errors(route.body, examples[0])], route.path).toEqual([])
    }
  })

  test('says of every write that it needs an Idempotency-Key, and of no read', () => {
    for (const { method, path, isWrite } of nativeRoutes) {
      const operation = api.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method.toLowerCase()]
      const names = operation.parameters.map(({ name }: Loose) => name)
      expect(names.includes('Idempotency-Key'), path).toBe(isWrite)
    }
  })

  test('speaks of numbers in queries as numbers', () => {
    const parameters = api.paths['/v1/orders'].get.parameters
    const limit = parameters.find(({ name }: Loose) => name === 'limit')
    expect(limit.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
    expect(JSON.stringify(api)).not.toContain('x-parameter')
  })
})

describe('Every schema of a request', () => {
  const REQUESTS = [...nativeRoutes, ...sdkRoutes].flatMap((route) =>
    [route.query, ...(route.body === null ? [] : [route.body])].map(
      (schema) => [`${route.method} ${route.path}`, schema] as const,
    ),
  )

  test.each(REQUESTS)(
    'of %s refuses unknown fields and keeps control characters out of every text',
    (_name, schema) => {
      for (const part of partsOf(schema)) {
        if (part.type === 'object') expect(part.additionalProperties).toBe(false)
        if (part.type !== 'string' || part.const !== undefined || part.enum !== undefined) continue
        const pattern = new RegExp(part.pattern, 'u')
        for (const text of ['\0', 'a\0', '\u0001', '\u007f', 'a\u001b[0m'])
          expect(pattern.test(text), part.pattern).toBe(false)
      }
    },
  )
})

function partsOf(schema: Loose): Loose[] {
  if (typeof schema !== 'object' || schema === null) return []
  const inside = [
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
    ...(schema.anyOf ?? []),
    schema.items,
  ]
  return [schema, ...inside.flatMap(partsOf)]
}
