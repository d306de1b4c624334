// The terms of a mandate as an order brings them, with the defaults of the native API.
import type { MandateInput } from '@purser/protocol'
import { AppError } from '../../kernel/errors.ts'
import type { Money } from '../../kernel/money.ts'
import type { MandateCommand } from '../../operations/register-mandate.ts'
import { instantOf } from '../contract/list-query.ts'

/** @throws AppError field_invalid */
export function mandateIn(body: MandateInput, maxAmount: Money): MandateCommand {
  const endsAt = instantOf(body.ends_at, 'mandate.ends_at')
  if (endsAt === undefined) throw new AppError('field_invalid', { field: 'mandate.ends_at', reason: 'is missing' })
  return {
    requirement: body.requirement ?? 'required',
    maxAmount,
    amountRule: body.amount_rule ?? 'variable',
    frequency: body.frequency,
    dayRule: body.day_rule ?? null,
    startsAt: instantOf(body.starts_at, 'mandate.starts_at') ?? null,
    endsAt,
    revocableByCustomer: body.revocable_by_customer ?? true,
    blockFunds: body.block_funds ?? false,
    registrationUsesPeriod: body.registration_uses_period ?? body.frequency !== 'one_time',
  }
}
