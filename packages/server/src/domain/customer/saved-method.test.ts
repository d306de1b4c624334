import { expect, test } from 'vitest'
import { factsOf, maskVpa } from './saved-method.ts'

test.each([
  ['asha.sharma@bank', 'as•••@bank'],
  ['abc@bank', 'a•••@bank'],
  ['a@bank', 'a•••@bank'],
  ['a@b@bank', 'a•••@bank'],
  ['nobody', 'no•••'],
])('of the UPI id %s a payer sees %s', (vpa, seen) => {
  expect(maskVpa(vpa)).toBe(seen)
})

test('what nobody would recognise is not kept', () => {
  expect(factsOf({ gatewayMethodId: 'g', kind: 'card', network: 'visa' })).toBeUndefined()
  expect(factsOf({ gatewayMethodId: 'g', kind: 'upi', lastFour: '1111' })).toBeUndefined()
  expect(factsOf({ gatewayMethodId: 'g', kind: 'wallet', vpa: 'a@b' })).toBeUndefined()
})

test('a card keeps what is printed around its number, and nothing of another kind', () => {
  const report = {
    gatewayMethodId: 'g',
    kind: 'card',
    lastFour: '1111',
    issuer: 'HDFC',
    vpa: 'a@b',
    wallet: 'w',
  } as const
  expect(factsOf(report)).toEqual({
    kind: 'card',
    network: null,
    funding: null,
    issuer: 'HDFC',
    bin: null,
    lastFour: '1111',
    expiry: null,
    vpaMasked: null,
    wallet: null,
  })
})
