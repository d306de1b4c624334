import { describe, expect, test } from 'vitest'
import { pathOf, surfaceOf } from './surfaces.ts'

describe('A path belongs to the surface', () => {
  test.each([
    ['/v1/orders', 'native'],
    ['/v1/offers/list', 'juspay'],
    ['/v1/offersx', 'native'],
    ['/', 'native'],
    ['/nowhere', 'native'],
    ['/jwks/mer_1', 'native'],
    ['/sdk/v1/session', 'sdk'],
    ['/sdkx', 'native'],
    ['/pay/token', 'page'],
    ['/payments', 'native'],
    ['/dashboard/sign-in', 'dashboard'],
    ['/v2/transactions/abc', 'payworks'],
    ['/v2/merchants/m/transactionSessions', 'payworks'],
    ['/v2/gateway/orders/', 'instamojo'],
    ['/v2/payment_requests/', 'instamojo'],
    ['/v2/payments/1', 'instamojo'],
    ['/v2/orders/1', 'juspay'],
    ['/v2/upi/1', 'juspay'],
    ['/v2/other', 'native'],
    ['/v4/session', 'juspay'],
    ['/session', 'juspay'],
    ['/orders', 'juspay'],
    ['/orders/1/refunds', 'juspay'],
    ['/orders:1', 'juspay'],
    ['/order/create', 'juspay'],
    ['/order', 'instamojo-sample'],
    ['/ordering', 'native'],
    ['/orderStatus', 'juspay'],
    ['/card/add', 'juspay'],
    ['/cards', 'juspay'],
    ['/upi/get-vpa', 'juspay'],
    ['/status', 'instamojo-sample'],
    ['/@merchant/1', 'instamojo'],
    ['/oauth2/token/', 'instamojo'],
    ['/api/v1/payments', 'jaze'],
    ['/juspay/orders', 'juspay'],
  ])('%s of %s', (path, surface) => {
    expect(surfaceOf(path)).toBe(surface)
  })
})

test('The path of a request target is what stands before its query, whatever form the target has', () => {
  expect(pathOf('/v1/orders?status=/pay/')).toBe('/v1/orders')
  expect(pathOf('http://host.example/pay/x?y')).toBe('/pay/x')
  expect(pathOf('*')).toBe('*')
})
