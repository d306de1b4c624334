// The terms of a mandate as an order brings them, in this API's words and with its defaults. What they mean together is
// decided by the operations; what this API has an error of its own for is told in that.
import type { AmountRule, DayRule, Frequency, Requirement } from '../../domain/mandate/mandate.ts'
import { addMs } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { equals, MAX_MINOR } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { MandateCommand } from '../../operations/register-mandate.ts'
import { amountOf } from './amounts.ts'
import { missingFields, refusal } from './errors.ts'
import { isTrue, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { epochIn, FREQUENCY_WORDS } from './mandate-words.ts'

const DAY_MS = 86_400_000
/** 30 years, which is what an end that nobody named is. */
const LIFE_MS = 10_957 * DAY_MS

/** An error about a mandate as this API words it: an old envelope of its own. */
export function mandateFault(word: string, message: string, field: string): AppError {
  return refusal('mandate_terms_invalid', {
    http: 400,
    status: 'ERROR',
    word,
    code: 'UNKNOWN_ERROR',
    message,
    more: { status_id: -1 },
    info: {
      category: 'UNKNOWN',
      code: 'UNKNOWN_ERROR',
      developer_message: message,
      user_message: word,
      fields: [{ field_name: field, reason: 'Invalid Value' }],
    },
  })
}

const startFault = () => mandateFault('INVALID_START_DATE', 'Start date passed is invalid', 'mandate.start_date')
const endFault = () => mandateFault('INVALID_END_DATE', 'End date passed is invalid', 'mandate.end_date')
const aboveThreshold = () =>
  mandateFault('INVALID_REQUEST', 'mandate_max_amount exceeds mandate maxAmount threshold.', 'mandate.max_amount')
const belowOrder = () =>
  mandateFault('INVALID_MANDATE_MAX_AMOUNT', 'Mandate max amount is less than the order amount.', 'mandate.max_amount')
const noCustomer = () => mandateFault('INVALID_CUSTOMER_ID', 'Customer id is required for mandates.', 'customer_id')
const wrongFunds = () =>
  mandateFault(
    'INVALID_BLOCK_FUNDS',
    'Block fund should be false for recurring and true for OT mandate.',
    'mandate.block_funds',
  )

/**
 * The mandate that an order of this amount asks for; undefined when it asks for none.
 * @throws AppError mandate_terms_invalid in this API's words, request_malformed, field_invalid, amount_invalid
 */
export function mandateTerms(fields: Fields, amount: Money, now: Date): MandateCommand | undefined {
  const requirement = requirementIn(fields)
  if (requirement === undefined) return undefined
  if (textIn(fields, 'customer_id') === undefined) throw noCustomer()
  const maxAmount = maximumIn(fields, amount)
  const frequency = frequencyIn(fields)
  const amountRule = ruleIn(fields)
  const startsAt = epochIn(fields, 'mandate.start_date', startFault) ?? null
  const endsAt = epochIn(fields, 'mandate.end_date', endFault) ?? addMs(startsAt ?? now, LIFE_MS)
  if (endsAt.getTime() <= now.getTime()) throw endFault()
  if (startsAt !== null && startsAt.getTime() >= endsAt.getTime()) throw startFault()
  return {
    requirement,
    maxAmount,
    amountRule,
    frequency,
    dayRule: dayRuleIn(fields),
    startsAt,
    endsAt,
    revocableByCustomer: textIn(fields, 'mandate.revokable_by_customer')?.toLowerCase() !== 'false',
    blockFunds: fundsIn(fields, frequency),
    // A fixed amount that this order does not have is not charged yet: its period stays free.
    registrationUsesPeriod: frequency !== 'one_time' && (amountRule === 'variable' || equals(amount, maxAmount)),
  }
}

function requirementIn(fields: Fields): Requirement | undefined {
  const text = textIn(fields, 'options.create_mandate')?.toUpperCase()
  if (text === undefined || text === 'NONE' || text === 'FALSE') return undefined
  if (text === 'REQUIRED' || text === 'TRUE') return 'required'
  if (text === 'OPTIONAL') return 'optional'
  throw invalid('options.create_mandate')
}

const invalid = (field: string) => new AppError('field_invalid', { field, reason: 'Invalid value.' })

function maximumIn(fields: Fields, amount: Money): Money {
  const text = textIn(fields, 'mandate.max_amount')
  if (text === undefined) throw missingFields('mandate.max_amount')
  // Beyond what any amount may be; told in the words that this API has for a limit of the account.
  if (/^\d{12,}(?:\.\d{1,2})?$/.test(text) && BigInt(text.split('.')[0] ?? '0') * 100n > MAX_MINOR)
    throw aboveThreshold()
  const maximum = amountOf(fields, 'mandate.max_amount', amount.currency)
  if (maximum === undefined) throw missingFields('mandate.max_amount')
  if (maximum.minor < amount.minor) throw belowOrder()
  return maximum
}

function frequencyIn(fields: Fields): Frequency {
  const text = textIn(fields, 'mandate.frequency')?.toUpperCase()
  if (text === undefined) return 'as_presented'
  const found = Object.entries(FREQUENCY_WORDS).find(([, word]) => word === text)
  if (found === undefined) throw invalid('mandate.frequency')
  return found[0] as Frequency
}

function ruleIn(fields: Fields): AmountRule {
  const text = textIn(fields, 'mandate.amount_rule')?.toUpperCase() ?? 'VARIABLE'
  if (text !== 'VARIABLE' && text !== 'FIXED') throw invalid('mandate.amount_rule')
  return text === 'FIXED' ? 'fixed' : 'variable'
}

function dayRuleIn(fields: Fields): DayRule | null {
  const rule = textIn(fields, 'mandate.rule_type')?.toLowerCase()
  const value = textIn(fields, 'mandate.rule_value')
  if (rule === undefined && value === undefined) return null
  if (rule !== 'on' && rule !== 'before' && rule !== 'after') throw invalid('mandate.rule_type')
  if (value === undefined || !/^\d{1,2}$/.test(value)) throw invalid('mandate.rule_value')
  return { rule, day: Number.parseInt(value, 10) }
}

// False for recurring ones, true for one that is used once: what is said otherwise is refused, silence means just that.
function fundsIn(fields: Fields, frequency: Frequency): boolean {
  const isOnce = frequency === 'one_time'
  if (textIn(fields, 'mandate.block_funds') === undefined) return isOnce
  if (isTrue(fields, 'mandate.block_funds') !== isOnce) throw wrongFunds()
  return isOnce
}
