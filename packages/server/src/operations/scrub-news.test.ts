import { expect, test } from 'vitest'
import { money } from '../kernel/money.ts'
import { redactCardNumbers } from '../kernel/card-tripwire.ts'
import { scrubNews, scrubText } from './scrub-news.ts'

const connector = { scrub: (text: string) => redactCardNumbers(text).replaceAll('sk_secret', '[secret]') }

test('no free text of a report keeps a card number, a key or a NUL', () => {
  const news = {
    kind: 'report',
    report: {
      gatewayPaymentId: 'gp_1',
      amount: money(100n, 'INR'),
      decline: { code: 'other', gatewayCode: 'card 4111111111111111' },
      facts: { issuer: 'a\u0000b', bank: 'key sk_secret' },
    },
  }
  const { report } = scrubNews(connector, news)
  expect(report.decline.gatewayCode).not.toContain('4111111111111111')
  expect(report.facts).toEqual({ issuer: 'a\ufffdb', bank: 'key [secret]' })
  expect(report.amount).toEqual(money(100n, 'INR'))
})

test('names by which the gateway will be asked, and addresses, stay what they are', () => {
  const names = {
    gatewayPaymentId: '4111111111111111',
    reference: 'sk_secret',
    facts: { gatewayTry: 'sk_secret' },
    action: { type: 'redirect', url: 'https://x/sk_secret' },
  }
  expect(scrubNews(connector, names)).toEqual(names)
})

test('text for a log loses its NUL, too', () => {
  expect(scrubText(connector, 'a\u0000b')).toBe('a\ufffdb')
})
