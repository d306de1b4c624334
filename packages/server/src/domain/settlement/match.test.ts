import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { postingsForSettlement } from '../ledger/posting.ts'
import { matchLine, matchNet } from './match.ts'
import type { LineFacts } from './match.ts'
import { agreedFee, agreedGst, readAgreedRate } from './rate.ts'
import type { SettlementLine } from './settlement.ts'

const inr = (minor: bigint) => money(minor, 'INR')
const RATE = { feeBps: 200n, feeFixedMinor: 0n, gstBps: 1_800n, tdsBps: 0n }

/** 100.00 captured, 2 % fee, 18 % GST on it. */
const LINE: SettlementLine = {
  line: 1,
  kind: 'capture',
  gatewayObjectId: 'sbs_1',
  gatewayPaymentId: 'sbp_1',
  reference: 'pay_1',
  paymentAmount: inr(10_000n),
  gross: inr(10_000n),
  fee: inr(200n),
  gst: inr(36n),
  tds: inr(0n),
  netMinor: 9_764n,
  at: new Date('2026-11-20T10:00:00Z'),
}
const FACTS: LineFacts = { currency: 'INR', movedMinor: 10_000n, settledMinor: 0n, isSettled: false, partsMinor: [] }

const reasonOf = (line: Partial<SettlementLine>, facts: Partial<LineFacts> | null = {}) => {
  const match = matchLine({ ...LINE, ...line }, facts === null ? undefined : { ...FACTS, ...facts }, RATE)
  return [match.outcome, match.break?.reason ?? null]
}

describe('a line', () => {
  test('fits when it says what we have', () => {
    expect(reasonOf({})).toEqual(['matched', null])
    expect(reasonOf({ kind: 'refund', fee: inr(0n), gst: inr(0n), netMinor: -10_000n })).toEqual(['matched', null])
  })

  test('may be one of several captures, and then names one of their amounts', () => {
    const part = { gross: inr(4_000n), fee: inr(80n), gst: inr(14n), netMinor: 3_906n }
    expect(reasonOf(part, { partsMinor: [4_000n, 6_000n] })).toEqual(['matched', null])
    expect(reasonOf(part, { partsMinor: [3_000n, 7_000n] })).toEqual(['broken', 'amount_differs'])
    expect(reasonOf(part, { partsMinor: [4_000n, 6_000n], settledMinor: 7_000n })).toEqual(['broken', 'amount_differs'])
  })

  test.each([
    ['unknown_object', {}, null],
    ['amount_differs', { gross: inr(10_001n) }, {}],
    ['amount_differs', { gross: inr(9_999n) }, {}],
    ['amount_differs', { gross: money(10_000n, 'USD') }, {}],
    ['amount_differs', {}, { movedMinor: 0n }],
    ['duplicate_line', {}, { settledMinor: 10_000n }],
    ['duplicate_line', {}, { isSettled: true }],
    ['sum_differs', { netMinor: 9_765n }, {}],
  ] as const)('is broken by %s, once, and posts nothing', (reason, line, facts) => {
    expect(reasonOf(line, facts)).toEqual(['broken', reason])
  })

  test('with a wrong fee or tax fits and is a break as well: the money has moved', () => {
    expect(reasonOf({ fee: inr(300n), netMinor: 9_664n })).toEqual(['matched', 'fee_differs'])
    expect(reasonOf({ gst: inr(37n), netMinor: 9_763n })).toEqual(['matched', 'tax_differs'])
    expect(reasonOf({ tds: inr(10n), netMinor: 9_754n })).toEqual(['matched', 'tax_differs'])
  })

  test('is not checked against a rate where none was agreed', () => {
    const { break: found } = matchLine({ ...LINE, fee: inr(300n), netMinor: 9_664n }, FACTS, undefined)
    expect(found).toBeNull()
  })
})

describe('what is posted for a line', () => {
  const posted = (line: Partial<SettlementLine>) =>
    postingsForSettlement({ ...LINE, ...line }).map(({ debit, credit, amount }) => `${debit}/${credit} ${amount.minor}`)

  test('is what the bank got and what the gateway kept, together what it owed', () => {
    expect(posted({ tds: inr(10n) })).toEqual([
      'bank/gateway_receivable 9754',
      'fee/gateway_receivable 200',
      'gst_on_fee/gateway_receivable 36',
      'tds/gateway_receivable 10',
    ])
    expect(posted({ kind: 'refund' })).toEqual(['gateway_receivable/bank 10000'])
  })

  test('takes from the bank where the fee is more than the capture', () => {
    expect(posted({ gross: inr(100n) })).toEqual([
      'gateway_receivable/bank 136',
      'fee/gateway_receivable 200',
      'gst_on_fee/gateway_receivable 36',
    ])
  })
})

describe('the sum of a file', () => {
  const net = (bank: bigint | null, disputed = 0n) =>
    matchNet({
      allMinor: 9_764n,
      disputedMinor: disputed,
      bankCredit: bank === null ? null : { amountMinor: bank },
    })?.reason ?? null

  test('is what the bank got, with or without the lines in dispute', () => {
    expect(net(9_764n)).toBeNull()
    expect(net(9_000n, 764n)).toBeNull()
    expect(net(9_763n)).toBe('bank_credit_differs')
    expect(net(null)).toBe('bank_credit_missing')
  })
})

test('rates are exact, halves rounded up', () => {
  expect(agreedFee(RATE, inr(25n)).minor).toBe(1n)
  expect(agreedFee(RATE, inr(24n)).minor).toBe(0n)
  expect(agreedFee({ ...RATE, feeFixedMinor: 300n }, inr(10_000n)).minor).toBe(500n)
  expect(agreedGst(RATE, inr(200n)).minor).toBe(36n)
  expect(readAgreedRate({})).toBeUndefined()
  expect(readAgreedRate({ settlement: { fee_bps: 1.5 } })).toBeUndefined()
  expect(readAgreedRate({ settlement: { fee_bps: 200 } })).toEqual(RATE)
})
