import { describe, expect, test } from 'vitest'
import { givenTimeline } from '../testing/given-timeline.ts'
import { entriesOf } from './timeline-entries.ts'

const operation = {
  id: 'op_1',
  kind: 'refund',
  status: 'succeeded',
  refund_id: 'ref_1',
  amount: 5000,
  final: false,
  reason: null,
  started_at: '2026-11-20T11:00:00.000Z',
  ended_at: '2026-11-20T11:00:01.000Z',
  next_question_at: null,
  questions: 0,
} as const

const refund = {
  id: 'ref_1',
  object: 'refund',
  payment_id: 'pay_1',
  order_id: 'ord_1',
  gateway_refund_id: null,
  reference: 'R1',
  status: 'succeeded',
  amount: 5000,
  currency: 'INR',
  reason: 'not_satisfied',
  note: 'Wrong size',
  automatic: false,
  given_back: null,
  requested_by: 'key:test_1',
  decided_by: null,
  arn: '74123',
  version: 2,
  created_at: '2026-11-20T11:00:00.000Z',
  updated_at: '2026-11-20T11:00:02.000Z',
  succeeded_at: '2026-11-20T11:00:02.000Z',
} as const

const titles = (timeline: Parameters<typeof entriesOf>[0]) => entriesOf(timeline).map(({ title }) => title)

describe('the history of a payment', () => {
  test('tells its changes in order, and from whom the news came', () => {
    const entries = entriesOf(givenTimeline())
    expect(entries.map(({ title }) => title)).toEqual(['Created', 'Created → Captured'])
    expect(entries[1]?.detail).toBe('by reply (session:ses_1)')
  })

  test('tells a refund with its call to the gateway in between, whatever order the lists come in', () => {
    expect(titles(givenTimeline({ refunds: [refund], operations: [operation] }))).toEqual([
      'Created',
      'Created → Captured',
      'Refund of ₹50.00 asked for',
      'Refund of ₹50.00 sent',
      'Refund of ₹50.00 succeeded',
      'Refund of ₹50.00 succeeded',
    ])
  })

  test('never takes an operation without an outcome for one that ended', () => {
    const open = {
      ...operation,
      status: 'unknown',
      ended_at: null,
      questions: 3,
      next_question_at: refund.created_at,
    } as const
    const entries = entriesOf(givenTimeline({ operations: [open] }))
    expect(entries.at(-1)?.title).toBe('Refund of ₹50.00: outcome unknown')
    expect(entries.at(-1)?.detail).toBe('no answer that can be relied on, gateway asked 3 times; it is asked again')
    expect(titles(givenTimeline({ operations: [{ ...open, status: 'pending' }] })).at(-1)).toBe('Refund of ₹50.00 sent')
  })

  test('tells a conflict with what did not fit', () => {
    const conflict = { id: 'cfl_1', kind: 'wrong_amount', details: { told: '100' }, at: '2026-11-20T10:00:03.000Z' }
    expect(entriesOf(givenTimeline({ conflicts: [conflict] })).at(-1)).toMatchObject({
      title: 'Conflict: wrong amount',
      detail: 'told 100',
    })
  })

  test('tells how a webhook fared, by its last try', () => {
    const delivery = {
      id: 'dlv_1',
      object: 'delivery',
      event_id: 'evt_1',
      event_type: 'payment.captured',
      endpoint_id: 'whe_1',
      resend: 0,
      status: 'pending',
      tries: 2,
      due_at: '2026-11-20T10:10:00.000Z',
      created_at: '2026-11-20T10:00:02.000Z',
      ended_at: null,
      attempts: [
        { try: 1, outcome: 'timeout', status: null, duration_ms: 9, at: '2026-11-20T10:00:04.000Z' },
        { try: 2, outcome: 'refused', status: 503, duration_ms: 9, at: '2026-11-20T10:01:04.000Z' },
      ],
    } as const
    const last = entriesOf(givenTimeline({ deliveries: [{ ...delivery, attempts: [...delivery.attempts] }] })).at(-1)
    expect(last).toMatchObject({ title: 'Webhook payment.captured pending', detail: 'refused (503), 2 tries' })
  })
})
