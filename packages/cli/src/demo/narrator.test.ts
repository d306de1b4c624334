import { expect, test } from 'vitest'
import { createNarrator, shortJson } from './narrator.ts'

function given(colours = false) {
  let written = ''
  const narrator = createNarrator((text) => (written += text), colours)
  return { narrator, written: () => written }
}

test('shows of an answer what is worth showing, and how long it took', () => {
  const { narrator, written } = given()
  narrator.step('An order')
  const received = { id: 'ord_1', status: 'open', version: 1 }
  narrator.exchange({ method: 'POST', path: '/v1/orders', sent: { amount: 100 }, status: 201, received, ms: 11.6 }, [
    'id',
    'status',
  ])
  narrator.check('the order is open', true)
  expect(written()).toBe(
    '\n1. An order\n   POST /v1/orders\n   → { "amount": 100 }\n' +
      '   ← 201 { "id": "ord_1", "status": "open" } (12 ms)\n   ✓ the order is open\n',
  )
  expect(narrator.failures()).toBe(0)
})

test('shows of a problem what it is, whatever was hoped for', () => {
  const { narrator, written } = given()
  const received = { code: 'amount_invalid', title: 'The amount is not valid.', status: 422 }
  narrator.exchange({ method: 'POST', path: '/v1/orders', status: 422, received, ms: 1 }, ['id'])
  expect(written()).toContain('{ "code": "amount_invalid", "title": "The amount is not valid." }')
})

test('counts what is not true', () => {
  const { narrator, written } = given()
  narrator.check('two is three', false)
  expect(written()).toContain('✗ not true: two is three')
  expect(narrator.failures()).toBe(1)
})

test('paints only where colours are wanted', () => {
  const [plain, painted] = [given(), given(true)]
  for (const { narrator } of [plain, painted]) narrator.step('A step')
  expect(plain.written()).not.toContain('\u001b[')
  expect(painted.written()).toContain('\u001b[')
})

test('short JSON is one line with air in it', () => {
  expect(shortJson({ a: [1], b: {} })).toBe('{ "a": [ 1 ], "b": {} }')
})
