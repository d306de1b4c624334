import { describe, expect, test } from 'vitest'
import { OrderId, RefundId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import { givenReceipt } from '../testing/given-receipt.ts'
import { HOSTILE_NAMES } from '../testing/hostile-names.ts'
import { receiptHtml, receiptPagePolicy } from './html.ts'

const PAGE = { nonce: 'bm9uY2U=', pdfUrl: '/receipts/x/receipt.pdf' }
const tagsOf = (html: string) => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)

describe('receiptHtml', () => {
  test('says everything that the receipt says', () => {
    const html = receiptHtml(givenReceipt(), [], PAGE)
    for (const text of [
      'Payment receipt',
      'R/26-27/000042',
      'Issued 12 June 2026, 14:05 (UTC+05:30)',
      '12 June 2026, 14:01 (UTC+05:30)',
      '₹1,23,456.78',
      'Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Seventy-Eight Only',
      'आशा शर्मा (Asha Sharma)',
      'Card · Visa · ending 1111',
      '412345678901',
    ]) {
      expect(html).toContain(text)
    }
    expect(html).not.toContain('Test mode')
  })

  test('shows what happened since, and takes the tick away', () => {
    const refunded = {
      kind: 'refunded',
      at: new Date('2026-06-14T10:00:00Z'),
      amount: money(50_000n, 'INR'),
      refundId: RefundId.create(new Date(0)),
      voucherNumber: 'V/26-27/000003',
    } as const
    const html = receiptHtml(givenReceipt(), [refunded], PAGE)
    expect(html).toContain('Refunded ₹500.00 on 14 June 2026, 15:30 (UTC+05:30), voucher V/26-27/000003.')
    expect(html).not.toContain('class="tick"')
  })

  test('says that it is a test, in test mode', () => {
    expect(receiptHtml(givenReceipt({ mode: 'test' }), [], PAGE)).toContain('Test mode: no money was moved.')
  })

  test('has the same tags and attributes whatever the names are', () => {
    const plain = tagsOf(receiptHtml(givenReceipt(named('Asha')), [], PAGE))
    const others = HOSTILE_NAMES.filter((name) => name.trim() !== '').map((name) => ({
      name,
      tags: tagsOf(receiptHtml(givenReceipt(named(name)), [], PAGE)),
    }))
    expect(others.filter(({ tags }) => tags.join() !== plain.join())).toEqual([])
  })

  test('keeps every text in a box of its own direction', () => {
    const html = receiptHtml(givenReceipt(named('\u202Egnp.exe')), [], PAGE)
    expect(html).toContain('<bdi>\u202Egnp.exe</bdi>')
  })

  test('fetches nothing, runs nothing and sends nothing, by its policy too', () => {
    const html = receiptHtml(givenReceipt(), [], PAGE)
    expect(html).not.toMatch(/<script|<form|<iframe|url\(|@import| on[a-z]+=/)
    expect(receiptPagePolicy('abc')).toBe(
      "default-src 'none'; style-src 'nonce-abc'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  })
})

function named(name: string) {
  const { snapshot } = givenReceipt()
  return {
    merchant: { ...snapshot.merchant, name },
    payer: { name, email: name, phone: name },
    order: { id: OrderId.create(new Date(0)), reference: name, description: name },
  }
}
