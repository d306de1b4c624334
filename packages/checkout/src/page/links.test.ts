import { describe, expect, test } from 'vitest'
import { returnAddress, simulatorAddress, upiAddress, webAddress } from './links.ts'
import { givenView } from '../testing/given-view.ts'

describe('an address that came over the network', () => {
  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'upi://pay',
    '/pay',
    '',
    null,
  ])('is no link to a page when it is %s', (address) => {
    expect(webAddress(address)).toBeUndefined()
  })

  test('is a link to an app only when it is a UPI link', () => {
    expect(upiAddress('upi://pay?pa=shop%40bank&am=1.00')).toBe('upi://pay?pa=shop%40bank&am=1.00')
    expect(upiAddress('https://shop.example')).toBeUndefined()
    expect(upiAddress('intent://scan#Intent;end')).toBeUndefined()
  })

  test('of the simulator is taken from the UPI link, and only if it is a web page', () => {
    expect(simulatorAddress('upi://pay?pa=a&url=http%3A%2F%2Flocalhost%2Fsandbox%2Fupi%2Fx')).toBe(
      'http://localhost/sandbox/upi/x',
    )
    expect(simulatorAddress('upi://pay?pa=a&url=javascript%3Aalert(1)')).toBeUndefined()
    expect(simulatorAddress('upi://pay?pa=a')).toBeUndefined()
  })
})

describe('the way back to the merchant', () => {
  test('carries the order and its status as hints beside what the merchant put there', () => {
    const view = givenView({ status: 'paid', returnUrl: 'https://shop.example/done?cart=7' })
    expect(returnAddress(view)).toBe('https://shop.example/done?cart=7&order_id=ord_1&status=paid')
  })

  test('is not offered when there is none or it is no web page', () => {
    expect(returnAddress(givenView({ returnUrl: null }))).toBeUndefined()
    expect(returnAddress(givenView({ returnUrl: 'javascript:alert(1)' }))).toBeUndefined()
  })
})
