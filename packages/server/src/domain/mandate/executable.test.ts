// When a mandate may be charged: the table of reasons, the notice's hours to the millisecond, and properties that hold
// for every question there is.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMs } from '../../kernel/clock.ts'
import type { PreDebitNoticeId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { givenMandate } from '../../testing/given-mandate.ts'
import { addDays, dayOf, daysAllowed, periodOf, startOf } from './calendar.ts'
import { additionalFactorLimit, decideCharge, nextDay } from './executable.ts'
import type { ChargeQuestion } from './executable.ts'
import { EXECUTION_STATUSES, holdsPeriod, MAX_TRIES } from './execution.ts'
import { AMOUNT_RULES, DAY_RULES, faultOf, FREQUENCIES } from './mandate.ts'
import type { Mandate } from './mandate.ts'
import { needsNotice } from './notice.ts'
import { MANDATE_STATUSES } from './states.ts'

const zone = 'Asia/Kolkata'
const INR = (minor: bigint) => money(minor, 'INR')
const at = (text: string) => new Date(`${text}+05:30`)
const HOUR = 3_600_000
const pdn = 'pdn_1' as PreDebitNoticeId

function ask(mandate: Partial<Mandate>, more: Partial<ChargeQuestion> = {}) {
  return decideCharge({
    mandate: givenMandate({ method: 'netbanking', ...mandate }),
    amount: INR(50_000n),
    day: '2026-11-20',
    now: at('2026-11-20T10:00:00'),
    zone,
    others: [],
    notices: [],
    boundTo: null,
    additionalFactorMinor: additionalFactorLimit('INR', {}),
    ...more,
  })
}
const reasonOf = (verdict: ReturnType<typeof decideCharge>) =>
  verdict.kind === 'refused' ? verdict.reason : verdict.kind

describe('A charge', () => {
  test.each([
    ['execute', {}, {}],
    ['execute', {}, { amount: INR(100_000n) }],
    ['amount_above_maximum', {}, { amount: INR(100_001n) }],
    ['amount_not_exact', { amountRule: 'fixed' }, { amount: INR(99_999n) }],
    ['execute', { amountRule: 'fixed' }, { amount: INR(100_000n) }],
    ['currency_differs', {}, { amount: money(50_000n, 'USD') }],
    ['mandate_not_active', { status: 'created' }, {}],
    ['mandate_not_active', { status: 'paused' }, {}],
    ['mandate_not_active', { status: 'revoked' }, {}],
    ['mandate_not_active', { status: 'expired' }, {}],
    ['mandate_not_active', { status: 'failed' }, {}],
    ['mandate_not_active', { pendingChange: 'revoke' }, {}],
    ['mandate_not_active', { pendingChange: 'pause' }, {}],
    ['execute', { pendingChange: 'resume' }, {}],
    ['mandate_not_started', { startsAt: at('2026-11-21T00:00:00') }, {}],
    ['wait', { startsAt: at('2026-11-20T12:00:00') }, {}],
    ['mandate_ended', { endsAt: at('2026-11-20T10:00:00') }, {}],
    ['execute', { endsAt: at('2026-11-20T10:00:00.001') }, {}],
    ['mandate_ended', { endsAt: at('2026-11-25T00:00:00') }, { day: '2026-11-25' }],
    ['day_past', {}, { day: '2026-11-19' }],
    ['wait', {}, { day: '2026-11-21' }],
    ['day_outside_rule', { dayRule: { rule: 'on', day: 5 } }, {}],
    ['day_outside_rule', { dayRule: { rule: 'before', day: 19 } }, {}],
    ['execute', { dayRule: { rule: 'before', day: 20 } }, {}],
    ['execute', { dayRule: { rule: 'after', day: 20 } }, {}],
    ['day_outside_rule', { dayRule: { rule: 'after', day: 21 } }, {}],
    ['period_used', {}, { others: ['captured'] }],
    ['period_used', {}, { others: ['declined', 'unknown'] }],
    ['execute', {}, { others: ['declined', 'declined', 'declined'] }],
    ['tries_exhausted', {}, { others: ['declined', 'declined', 'declined', 'declined'] }],
    ['execute', {}, { others: ['failed', 'failed', 'failed', 'failed', 'canceled'] }],
    ['execute', { frequency: 'as_presented' }, { others: ['captured'] }],
    ['period_used', { frequency: 'one_time' }, { others: ['captured'] }],
  ] as const)('is %s with %o and %o', (reason, mandate, more) => {
    expect(reasonOf(ask(mandate as Partial<Mandate>, more))).toBe(reason)
  })

  test('above the limit needs the payer, and only where there is one', () => {
    const factor = (mandate: Partial<Mandate>, minor: bigint) => {
      const verdict = ask({ maxAmount: INR(9_000_000n), frequency: 'daily', ...mandate }, { amount: INR(minor) })
      return verdict.kind === 'execute' && verdict.additionalFactor
    }
    expect(factor({ method: 'upi' }, 1_500_000n)).toBe(false)
    expect(factor({ method: 'upi' }, 1_500_001n)).toBe(true)
    expect(factor({ method: 'card' }, 1_500_001n)).toBe(true)
    expect(factor({ method: 'netbanking' }, 1_500_001n)).toBe(false)
  })
})

describe('The pre-debit notice', () => {
  test.each([
    [true, 'upi', 'monthly', false],
    [true, 'card', 'weekly', false],
    [true, 'upi', 'one_time', false],
    [false, 'upi', 'one_time', true],
    [false, 'upi', 'daily', false],
    [false, 'card', 'daily', false],
    [false, 'netbanking', 'monthly', false],
    [false, null, 'monthly', false],
  ] as const)('is needed: %s, for %s %s, funds blocked: %s', (needed, method, frequency, blockFunds) => {
    expect(needsNotice({ method, frequency, blockFunds })).toBe(needed)
  })

  const told = at('2026-11-19T12:00:00')
  const notice = { id: pdn, status: 'succeeded', amount: INR(50_000n), succeededAt: told } as const
  const withNotice = (now: Date, more: Partial<ChargeQuestion> = {}) =>
    ask({ method: 'upi' }, { now, notices: [notice], ...more })

  test.each([
    ['wait', 24 * HOUR - 1],
    ['execute', 24 * HOUR],
    ['execute', 36 * HOUR - 1],
    // Noon to the midnight after next: the day is over before the 48 hours are.
    ['day_past', 36 * HOUR],
  ])('told at noon of the day before: %s after %i ms', (kind, ms) => {
    expect(reasonOf(withNotice(addMs(told, ms)))).toBe(kind)
  })

  test('is void after 48 hours', () => {
    const early = { ...notice, succeededAt: at('2026-11-18T09:00:00') }
    expect(reasonOf(withNotice(at('2026-11-20T09:00:00'), { notices: [early] }))).toBe('execute')
    expect(reasonOf(withNotice(at('2026-11-20T09:00:00.001'), { notices: [early], boundTo: pdn }))).toBe(
      'notice_too_late',
    )
  })

  test('holds for its amount and less, and for no more', () => {
    const now = at('2026-11-20T13:00:00')
    expect(reasonOf(withNotice(now, { amount: INR(49_999n) }))).toBe('execute')
    expect(reasonOf(withNotice(now, { amount: INR(50_001n) }))).toBe('notice_amount_exceeded')
    expect(reasonOf(withNotice(now, { amount: INR(50_001n), boundTo: pdn }))).toBe('notice_amount_exceeded')
  })

  test('blocks when it has failed; another may be sent while there is time', () => {
    const failed = { ...notice, status: 'failed', succeededAt: null } as const
    const now = at('2026-11-19T09:00:00')
    expect(reasonOf(withNotice(now, { notices: [failed], boundTo: pdn }))).toBe('notice_failed')
    expect(withNotice(now, { notices: [failed] })).toMatchObject({ kind: 'wait', notice: { kind: 'send', at: now } })
  })

  test('is sent at once when the day is near, and 36 hours ahead when it is not', () => {
    const now = at('2026-11-19T09:00:00')
    expect(ask({ method: 'upi' }, { now })).toEqual({
      kind: 'wait',
      until: at('2026-11-20T09:00:00'),
      notice: { kind: 'send', at: now },
      additionalFactor: false,
    })
    expect(ask({ method: 'upi' }, { now, day: '2026-11-28' })).toMatchObject({
      until: startOf(zone, '2026-11-28'),
      notice: { kind: 'send', at: addMs(startOf(zone, '2026-11-28'), -36 * HOUR) },
    })
  })

  test('that could not be told in time is refused', () => {
    expect(reasonOf(ask({ method: 'upi' }))).toBe('notice_too_late')
  })

  test('that is not told yet is waited for', () => {
    const pending = { ...notice, status: 'pending', succeededAt: null } as const
    expect(reasonOf(withNotice(at('2026-11-20T13:00:00'), { notices: [pending] }))).toBe('wait')
    expect(reasonOf(withNotice(at('2026-11-20T23:30:00'), { notices: [pending] }))).toBe('notice_too_late')
  })
})

const rules = fc.option(fc.record({ rule: fc.constantFrom(...DAY_RULES), day: fc.integer({ min: 1, max: 31 }) }))
const mandates = fc
  .record({
    status: fc.oneof({ weight: 4, arbitrary: fc.constant('active') }, fc.constantFrom(...MANDATE_STATUSES)),
    method: fc.constantFrom('upi', 'card', 'netbanking'),
    frequency: fc.constantFrom(...FREQUENCIES),
    amountRule: fc.oneof({ weight: 4, arbitrary: fc.constant('variable') }, fc.constantFrom(...AMOUNT_RULES)),
    dayRule: rules,
    blockFunds: fc.boolean(),
  })
  .map((more) => givenMandate({ ...more, registrationUsesPeriod: false }))
  .map((one) => (faultOf(one, INR(1n)) === 'funds_blocked_more_than_once' ? { ...one, blockFunds: false } : one))
  .map((one) => (faultOf(one, INR(1n)) === undefined ? one : { ...one, dayRule: null }))
const instants = fc.integer({ min: -40, max: 400 * 24 }).map((hours) => addMs(at('2026-11-01T00:00:00'), hours * HOUR))
const others = fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...EXECUTION_STATUSES), { maxLength: 6 }))
const notices = fc.array(
  fc.record({
    id: fc.constant(pdn),
    status: fc.constantFrom('pending', 'unknown', 'succeeded', 'failed'),
    amount: fc.bigInt({ min: 1n, max: 120_000n }).map(INR),
    ago: fc.integer({ min: 0, max: 72 }),
  }),
  { maxLength: 3 },
)

test('Nothing executes outside its terms, twice in a period, or without its notice, whatever is asked', () => {
  let executed = 0
  fc.assert(
    fc.property(
      mandates,
      fc.bigInt({ min: 1n, max: 120_000n }),
      instants,
      fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 40 })),
      others,
      notices,
      (mandate, minor, now, ahead, statuses, told) => {
        const day = addDays(dayOf(zone, now), ahead)
        const heard = told.map(({ ago, ...one }) => ({
          ...one,
          succeededAt: one.status === 'succeeded' ? addMs(now, -ago * HOUR) : null,
        }))
        const question = { mandate, amount: INR(minor), day, now, zone, others: statuses, notices: heard }
        const verdict = decideCharge({ ...question, boundTo: null, additionalFactorMinor: null })
        if (verdict.kind === 'wait') expect(verdict.until.getTime()).toBeGreaterThan(now.getTime())
        if (verdict.kind !== 'execute') return
        executed += 1
        expect(mandate.status).toBe('active')
        expect(minor <= mandate.maxAmount.minor).toBe(true)
        if (mandate.amountRule === 'fixed') expect(minor).toBe(mandate.maxAmount.minor)
        expect(now >= mandate.startsAt && now < mandate.endsAt).toBe(true)
        expect(dayOf(zone, now)).toBe(day)
        const period = periodOf(mandate.frequency, day)
        if (period !== null) {
          expect(statuses.some(holdsPeriod)).toBe(false)
          expect(statuses.filter((status) => status === 'declined').length).toBeLessThan(MAX_TRIES)
          const days = daysAllowed(mandate.frequency, mandate.dayRule, dayOf(zone, mandate.startsAt), period)
          expect(day >= days.first && day <= days.last).toBe(true)
        }
        if (!needsNotice(mandate)) return
        const usable = heard.filter(({ status, succeededAt, amount }) => {
          const age = succeededAt === null ? -1 : now.getTime() - succeededAt.getTime()
          return status === 'succeeded' && age >= 24 * HOUR && age <= 48 * HOUR && amount.minor >= minor
        })
        expect(usable.length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 5_000 },
  )
  expect(executed).toBeGreaterThan(50)
})

test('The day chosen for a charge is one that the rule allows, with time for the notice', () => {
  fc.assert(
    fc.property(mandates, instants, (mandate, now) => {
      const day = nextDay({ ...mandate, status: 'active' }, now, zone)
      const question = { amount: mandate.maxAmount, day, now, zone, others: [], notices: [], boundTo: null }
      const verdict = decideCharge({
        mandate: { ...mandate, status: 'active' },
        ...question,
        additionalFactorMinor: null,
      })
      expect(['execute', 'wait', 'mandate_ended']).toContain(reasonOf(verdict))
    }),
    { numRuns: 1_500 },
  )
})

test.each([
  ['ends_before_it_starts', { endsAt: at('2026-11-01T00:00:00') }, 50_000n],
  ['frequency_has_no_days', { frequency: 'daily', dayRule: { rule: 'on', day: 1 } }, 50_000n],
  ['day_outside_period', { frequency: 'weekly', dayRule: { rule: 'on', day: 8 } }, 50_000n],
  ['day_outside_period', { dayRule: { rule: 'on', day: 0 } }, 50_000n],
  ['funds_blocked_more_than_once', { blockFunds: true }, 50_000n],
  ['one_charge_is_not_the_registration', { frequency: 'one_time' }, 50_000n],
  ['amount_above_maximum', {}, 100_001n],
  ['amount_not_exact', { amountRule: 'fixed' }, 50_000n],
  [undefined, { amountRule: 'fixed', registrationUsesPeriod: false }, 100n],
  [undefined, { frequency: 'one_time', blockFunds: true, registrationUsesPeriod: false }, 100n],
  [undefined, { dayRule: { rule: 'before', day: 31 } }, 100_000n],
] as const)('Terms: %s for %o', (fault, more, minor) => {
  expect(faultOf(givenMandate(more as Partial<Mandate>), INR(minor))).toBe(fault)
})
