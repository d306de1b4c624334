import { CreateOrder, StartPayment, UpdateOrder } from '@purser/protocol'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../kernel/errors.ts'
import { checkShape } from './request-schema.ts'

let app: FastifyInstance
let schema: TSchema
let value: unknown

beforeAll(() => {
  app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } } })
  app.get('/', (request) => {
    try {
      return { accepted: checkShape(request, schema, value) }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { code: error.code, ...error.details }
    }
  })
})

afterAll(() => app.close())

async function check(given: TSchema, body: unknown) {
  schema = given
  value = body
  return (await app.inject('/')).json()
}

const order = { reference: 'a', amount: 1, currency: 'INR' }

describe('A value', () => {
  test('that fits comes back as it was: nothing converted, dropped or filled in', async () => {
    expect(await check(CreateOrder, { ...order, amount: '1' })).toEqual({ accepted: { ...order, amount: '1' } })
  })

  test.each([
    [
      { ...order, extra: 1 },
      { code: 'request_malformed', field: 'extra', reason: 'is not a field of this request' },
    ],
    [
      { amount: 1, currency: 'INR' },
      { code: 'request_malformed', field: 'reference', reason: 'is missing' },
    ],
    [
      { ...order, description: 5 },
      { code: 'request_malformed', field: 'description', reason: 'must be string' },
    ],
    [
      { ...order, reference: '' },
      { code: 'field_invalid', field: 'reference' },
    ],
    [
      { ...order, reference: 'x'.repeat(65) },
      { code: 'field_invalid', field: 'reference' },
    ],
    [
      { ...order, capture: 'later' },
      { code: 'field_invalid', field: 'capture', reason: 'must be one of automatic, manual' },
    ],
    [
      { ...order, payer: { nick: 'a' } },
      { code: 'request_malformed', field: 'payer.nick' },
    ],
    [
      { ...order, payer: { email: 'nobody' } },
      { code: 'field_invalid', field: 'payer.email' },
    ],
    [
      { ...order, metadata: { plan: 5 } },
      { code: 'request_malformed', field: 'metadata.plan' },
    ],
    [
      { ...order, amount: 1.5 },
      { code: 'amount_invalid', field: 'amount' },
    ],
    [
      { ...order, currency: 'rupees' },
      { code: 'currency_unknown', field: 'currency' },
    ],
    ['text', { code: 'request_malformed', reason: 'must be object' }],
  ])('%j is refused, naming the field and the reason', async (body, refusal) => {
    expect(await check(CreateOrder, body)).toMatchObject(refusal)
  })

  test('of one of several forms is judged by the form that was meant', async () => {
    const refusal = (instrument: unknown) => check(StartPayment, { instrument })
    expect(await refusal({ method: 'card' })).toMatchObject({ field: 'instrument.token', reason: 'is missing' })
    expect(await refusal({ method: 'upi', flow: 'push' })).toMatchObject({ field: 'instrument.flow' })
    expect(await refusal({ method: 'upi', flow: 'qr', token: 'x' })).toMatchObject({ field: 'instrument.token' })
    expect(await refusal({ method: 'cheque' })).toMatchObject({ field: 'instrument' })
    expect(await refusal(5)).toMatchObject({ field: 'instrument' })
  })

  test('that changes nothing is no change', async () => {
    expect(await check(UpdateOrder, {})).toMatchObject({ code: 'request_malformed' })
  })

  test('whose key is no plain name is not repeated', async () => {
    const refusal = await check(CreateOrder, { ...order, '<script>': 1 })
    expect(refusal).toMatchObject({ code: 'request_malformed', field: '(unknown)' })
  })

  test('is measured in characters as the database counts them, not in what looks like one', async () => {
    const looksLikeOne = `e${'\u0301'.repeat(1000)}`
    expect(await check(CreateOrder, { ...order, description: looksLikeOne })).toMatchObject({ field: 'description' })
    expect(await check(CreateOrder, { ...order, description: '💸'.repeat(1000) })).toHaveProperty('accepted')
  })
})
