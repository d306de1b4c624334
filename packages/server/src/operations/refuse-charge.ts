// Why a charge of a mandate is refused, in the words of the API's errors.
import type { ChargeRefusal } from '../domain/mandate/executable.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import { AppError } from '../kernel/errors.ts'

export function refuseCharge(mandate: Mandate, reason: ChargeRefusal): AppError {
  if (reason === 'mandate_not_active') {
    const { status, pendingChange } = mandate
    return new AppError('mandate_state_conflict', {
      status,
      ...(pendingChange === null ? {} : { pending_change: pendingChange }),
    })
  }
  const { minor, currency } = mandate.maxAmount
  if (reason === 'currency_differs') return new AppError('amount_invalid', { field: 'currency', expected: currency })
  return new AppError('mandate_charge_refused', { reason, max_amount: minor.toString(), currency })
}
