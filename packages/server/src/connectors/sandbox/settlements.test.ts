import { describe, expect, test } from 'vitest'
import { settlements } from './settlements.ts'

const HEAD = 'settlement_id,utr,line,type,id,payment_id,reference,currency,payment_amount,gross,fee,gst,tds,net,at'
const CAPTURE =
  'sbt_1,SBXN1,1,CAPTURE,sbs_1,sbp_1,pay_1,INR,100.00,100.00,2.00,0.36,0.00,97.64,2026-11-20T10:00:00.000Z'
const REFUND = 'sbt_1,SBXN1,2,REFUND,sbr_1,sbp_1,ref_1,INR,100.00,40.00,0.00,0.00,0.00,-40.00,2026-11-20T11:00:00.000Z'
const file = (...rows: string[]) => `${[HEAD, ...rows].join('\r\n')}\r\n`
const reply = (status: number, body: string) => ({ kind: 'reply', status, headers: {}, body }) as const

describe('a settlement file', () => {
  test('is read line by line, exactly', () => {
    const read = settlements.parse(file(CAPTURE, REFUND))
    expect(read).toMatchObject({
      gatewaySettlementId: 'sbt_1',
      utr: 'SBXN1',
      lines: [
        { line: 1, kind: 'capture', gatewayObjectId: 'sbs_1', gross: { minor: 10_000n }, netMinor: 9_764n },
        { line: 2, kind: 'refund', reference: 'ref_1', gross: { minor: 4_000n }, netMinor: -4_000n },
      ],
    })
  })

  test.each([
    ['is empty', ''],
    ['has a head and nothing else', file()],
    ['is cut off', file(CAPTURE).slice(0, -10)],
    ['has another head', file(CAPTURE).replace('gross', 'total')],
    ['has a cell too few', file(CAPTURE.replace('2.00,', ''))],
    ['has a third decimal', file(CAPTURE.replace('97.64', '97.641'))],
    ['has a negative fee', file(CAPTURE.replace(',2.00,', ',-2.00,'))],
    ['has a currency that nobody knows', file(CAPTURE.replace('INR', 'XYZ'))],
    ['has a type that nobody knows', file(CAPTURE.replace('CAPTURE', 'BONUS'))],
    ['has a time that is none', file(CAPTURE.replace('2026-11-20T10', '2026-13-20T10'))],
    ['has a line of another file', file(CAPTURE, REFUND.replace('sbt_1', 'sbt_2'))],
    ['is a page', '<!doctype html><title>Maintenance</title>'],
  ])('that %s is not read at all', (_what, text) => {
    expect(settlements.parse(text)).toHaveProperty('unreadable')
  })
})

describe('the list of settlements', () => {
  const item = {
    id: 'sbt_1',
    utr: 'SBXN1',
    currency: 'INR',
    bank_credit: { amount: '-57.64', at: '2026-11-21T04:30:00.000Z' },
    created_at: '2026-11-21T04:30:00.000Z',
  }
  const listed = (...found: object[]) =>
    settlements.list.fromReply(reply(200, JSON.stringify({ settlements: found, next: null })), { after: null })

  test('tells of each what the bank credited, which may be less than nothing or nothing yet', () => {
    expect(listed(item, { ...item, id: 'sbt_2', bank_credit: null })).toMatchObject({
      kind: 'report',
      report: { hasMore: false, items: [{ bankCredit: { amountMinor: -5_764n } }, { bankCredit: null }] },
    })
  })

  test.each([
    ['an amount', { bank_credit: { amount: '1e3', at: item.created_at } }],
    ['a currency', { currency: 'XYZ' }],
    ['a time', { created_at: 'yesterday' }],
  ])('is not believed when %s cannot be read', (_what, change) => {
    expect(listed({ ...item, ...change })).toMatchObject({ kind: 'unknown' })
  })

  test('is unknown when nobody answers, and so is a file', () => {
    expect(settlements.list.fromReply(reply(500, '{}'), { after: null })).toMatchObject({ kind: 'unknown' })
    expect(settlements.fetch.fromReply(reply(404, ''), { gatewaySettlementId: 'x' })).toMatchObject({ kind: 'unknown' })
  })
})
