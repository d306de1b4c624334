// The life of a dispute, cell by cell, and what it holds of its payment whatever is heard in whatever order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { money, zero } from '../../kernel/money.ts'
import type { GatewayAccountId, DisputeId, OrderId, PaymentId } from '../../kernel/ids.ts'
import type { LedgerAccount } from '../ledger/accounts.ts'
import type { PaymentRecord } from '../payment/record.ts'
import { decideDispute, reserve } from './decide.ts'
import type { DisputeRecord } from './dispute.ts'
import type { DisputeReport } from './report.ts'
import { DISPUTE_EVENTS, DISPUTE_STATUSES, DISPUTE_TABLE, disputeStep } from './states.ts'
import type { DisputeStatus } from './states.ts'

const inr = (minor: bigint) => money(minor, 'INR')
const NOW = new Date('2026-11-20T10:00:00Z')

const payment = (more: Partial<Record<'refunded' | 'pending' | 'disputed', bigint>> = {}) =>
  ({
    amountCaptured: inr(1_000n),
    amountRefunded: inr(more.refunded ?? 0n),
    amountRefundPending: inr(more.pending ?? 0n),
    amountDisputed: inr(more.disputed ?? 0n),
    amountReversed: inr(0n),
  }) as PaymentRecord

const fresh = (amount = 600n): DisputeRecord => ({
  id: 'dsp_1' as DisputeId,
  paymentId: 'pay_1' as PaymentId,
  orderId: 'ord_1' as OrderId,
  gatewayAccountId: 'gwa_1' as GatewayAccountId,
  gatewayDisputeId: 'sbc_1',
  gatewaySequence: null,
  status: 'open',
  version: 1,
  amount: inr(amount),
  amountReserved: zero('INR'),
  reason: 'other',
  gatewayCode: null,
  evidenceDueAt: null,
  pendingAction: null,
  openedAt: NOW,
  decidedAt: null,
  createdAt: NOW,
  updatedAt: NOW,
})

const report = (state: DisputeStatus, more: Partial<DisputeReport> = {}): DisputeReport => ({
  gatewayDisputeId: 'sbc_1',
  gatewayPaymentId: 'sbp_1',
  reference: 'pay_1',
  amount: inr(600n),
  state,
  reason: 'fraudulent',
  gatewayCode: 'FRAUD',
  evidenceDueAt: null,
  sequence: null,
  ...more,
})

describe('A dispute', () => {
  const EXPECTED = `
    open         opened same submitted under_review accepted accepted expired expired won won  lost lost
    under_review opened same submitted same         accepted accepted expired same    won won  lost lost
    accepted     opened same submitted conflict     accepted same     expired same    won won! lost lost
    expired      opened same submitted under_review accepted accepted expired same    won won  lost lost
    won          opened same submitted same         accepted conflict expired same    won same lost lost!
    lost         opened same submitted same         accepted same     expired same    won won! lost same`

  test('answers every event in every status as the table of the domain says', () => {
    const rows = EXPECTED.trim().split('\n')
    expect(rows).toHaveLength(DISPUTE_STATUSES.length)
    for (const row of rows) {
      const [status = '', ...cells] = row.trim().split(/\s+/)
      expect(Object.entries(DISPUTE_TABLE[status as DisputeStatus]).flat(), status).toEqual(cells)
    }
  })

  test('is decided by news alone: time leads nowhere but to expired', () => {
    for (const status of DISPUTE_STATUSES) {
      const step = disputeStep(status, 'expired')
      if (step.kind === 'moved') expect(step.to).toBe('expired')
    }
    expect(DISPUTE_EVENTS).toHaveLength(6)
  })
})

describe('What a dispute holds', () => {
  test('is its amount, or what refunds have left of the payment, and then a person is told', () => {
    expect(reserve(fresh(), fresh(), payment())).toMatchObject({
      dispute: { amountReserved: inr(600n) },
      payment: { amountDisputed: inr(600n) },
      conflicts: [],
    })
    expect(reserve(fresh(), fresh(), payment({ pending: 300n, refunded: 300n }))).toMatchObject({
      dispute: { amountReserved: inr(400n) },
      payment: { amountDisputed: inr(400n) },
      conflicts: [{ kind: 'dispute_beyond_balance', details: { not_held: '200' } }],
    })
  })

  test('stays within the payment, and the ledger follows it, whatever is heard in whatever order', () => {
    const news = fc.array(
      fc.record({
        state: fc.constantFrom(...DISPUTE_STATUSES),
        sequence: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
        amount: fc.constantFrom(600n, 600n, 600n, 601n),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(news, fc.bigInt({ min: 0n, max: 1_000n }), (heard, refunded) => {
        const opened = reserve(fresh(), fresh(), payment({ refunded }))
        let { dispute, payment: now } = opened
        const balances = new Map<LedgerAccount, bigint>()
        const post = ({ postings }: Pick<typeof opened, 'postings'>) => {
          for (const { debit, credit, amount } of postings) {
            balances.set(debit, (balances.get(debit) ?? 0n) + amount.minor)
            balances.set(credit, (balances.get(credit) ?? 0n) - amount.minor)
          }
        }
        post(opened)
        for (const { amount, ...told } of heard) {
          const said = report(told.state, { ...told, amount: inr(amount) })
          const decision = decideDispute(dispute, now, { kind: 'report', report: said }, NOW)
          dispute = decision.dispute
          now = decision.payment
          post(decision)
          const held = dispute.amountReserved.minor
          expect(now.amountDisputed.minor).toBe(held)
          expect(refunded + held <= 1_000n).toBe(true)
          if (dispute.status === 'won') expect(held).toBe(0n)
          expect(-(balances.get('dispute_hold') ?? 0n)).toBe(dispute.status === 'lost' ? 0n : held)
          expect(-(balances.get('gateway_receivable') ?? 0n)).toBe(dispute.status === 'lost' ? held : 0n)
          expect(balances.get('sales_clearing') ?? 0n).toBe(held)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is not changed by news that is older than what is known, nor by news of another amount', () => {
    const before = { ...fresh(), status: 'under_review', gatewaySequence: 3, amountReserved: inr(600n) } as const
    const now = payment({ disputed: 600n })
    expect(decideDispute(before, now, { kind: 'report', report: report('lost', { sequence: 2 }) }, NOW)).toMatchObject({
      dispute: before,
      event: null,
      conflicts: [],
    })
    const other = report('lost', { amount: inr(599n) })
    expect(decideDispute(before, now, { kind: 'report', report: other }, NOW)).toMatchObject({
      dispute: before,
      conflicts: [{ kind: 'dispute_wrong_amount' }],
    })
  })

  test('is given back when it is won after all, and a person looks at it', () => {
    const lost = { ...fresh(), status: 'lost', amountReserved: inr(600n), decidedAt: NOW } as const
    const decision = decideDispute(lost, payment({ disputed: 600n }), { kind: 'report', report: report('won') }, NOW)
    expect(decision).toMatchObject({
      dispute: { status: 'won', amountReserved: inr(0n) },
      payment: { amountDisputed: inr(0n) },
      conflicts: [{ kind: 'dispute_reversed' }],
    })
    expect(decision.postings.map(({ reason }) => reason)).toEqual(['dispute_reversed', 'dispute_released'])
  })
})
