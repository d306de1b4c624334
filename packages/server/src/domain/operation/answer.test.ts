import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import type { PaymentReport } from '../payment/report.ts'
import { settlePaymentAnswer, settleRefundAnswer, whenPageHasShut } from './answer.ts'
import type { AskedCall } from './answer.ts'

const inr = (minor: bigint) => money(minor, 'INR')
const call = (more: Partial<AskedCall> = {}): AskedCall => ({
  kind: 'authorize',
  toSend: false,
  targetTotalMinor: null,
  settled: true,
  ...more,
})
const report = (more: Partial<PaymentReport>) => ({
  kind: 'report' as const,
  report: {
    gatewayPaymentId: 'gp_1',
    reference: 'pay_1',
    amount: inr(1000n),
    state: 'authorized' as const,
    authorized: inr(1000n),
    captured: inr(0n),
    captureFinal: false,
    facts: {},
    ...more,
  },
})

describe('the answer to a question about a payment', () => {
  test('"never seen it" ends the first call only once it can no longer be on its way', () => {
    expect(settlePaymentAnswer(call({ settled: false }), { kind: 'absent' }).kind).toBe('unknown')
    expect(settlePaymentAnswer(call(), { kind: 'absent' }).kind).toBe('failed')
    expect(settlePaymentAnswer(call({ kind: 'capture' }), { kind: 'absent' }).kind).toBe('unknown')
  })

  test('says nothing about the call when the question itself failed or was declined', () => {
    expect(settlePaymentAnswer(call(), { kind: 'failed', reason: 'NOT_FOUND' }).kind).toBe('unknown')
    const decline = { stage: 'authorization', code: 'other', gatewayCode: '96' } as const
    expect(settlePaymentAnswer(call(), { kind: 'declined', decline }).kind).toBe('unknown')
  })

  test('ends a capture that left no trace, keeps one that shows, and believes the report in all else', () => {
    const capture = call({ kind: 'capture', targetTotalMinor: 400n })
    const lapsed = report({ state: 'expired' })
    expect(settlePaymentAnswer(capture, lapsed)).toEqual({ ...lapsed, noTrace: 'The gateway shows no trace of it.' })
    expect(settlePaymentAnswer({ ...capture, settled: false }, lapsed)).toBe(lapsed)
    const shown = report({ state: 'captured', captured: inr(400n) })
    expect(settlePaymentAnswer(capture, shown)).toBe(shown)
  })
})

describe('the answer to a question about a refund', () => {
  const refund = call({ kind: 'refund' })

  test('of a merchant ends it for being absent, in time', () => {
    expect(settleRefundAnswer({ ...refund, settled: false }, { kind: 'absent' })).toMatchObject({ kind: 'unknown' })
    expect(settleRefundAnswer(refund, { kind: 'absent' })).toMatchObject({ kind: 'failed' })
  })

  test('of Purser’s own is sent again for as long as the gateway has not got it', () => {
    expect(settleRefundAnswer({ ...refund, toSend: true }, { kind: 'absent' })).toBe('send')
  })

  test('of Purser’s own is neither sent nor taken for sent while nobody can say', () => {
    const own = { ...refund, toSend: true }
    expect(settleRefundAnswer(own, { kind: 'unknown', reason: 'no_reply' })).toEqual({ kind: 'absent' })
    expect(settleRefundAnswer(own, { kind: 'failed', reason: 'TOO_MANY_REQUESTS' })).toEqual({ kind: 'absent' })
  })
})

describe('A page of a gateway', () => {
  const closesAt = new Date('2026-11-20T10:30:00Z')
  const after = (ms: number) => new Date(closesAt.getTime() + ms)
  const waiting = report({ state: 'requires_action', closesAt })

  test('has shut a minute after the gateway said so, and then nobody can pay there', () => {
    expect(whenPageHasShut(waiting, after(59_999))).toBe(waiting)
    expect(whenPageHasShut(waiting, after(60_000))).toMatchObject({ report: { state: 'expired' } })
  })

  test('decides nothing about a payer who is at the bank, about money, or where no time was told', () => {
    const untold = report({ state: 'requires_action' })
    const others = [report({ state: 'pending', closesAt }), report({ state: 'captured', closesAt }), untold]
    for (const news of others) expect(whenPageHasShut(news, after(86_400_000))).toBe(news)
    const silence = { kind: 'unknown', reason: 'timeout' } as const
    expect(whenPageHasShut(silence, after(86_400_000))).toBe(silence)
  })
})
