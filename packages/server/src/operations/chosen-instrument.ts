// What an attempt is paid with: an instrument as the payer names it, or one that the customer saved, which only the
// gateway account that keeps it can charge. Consent to save is taken here and kept with the payment.
import type { SavedMethod } from '../domain/customer/saved-method.ts'
import { keptInstrument } from '../domain/payment/method.ts'
import type { Instrument, KeptInstrument, PaymentMethod, SavedInstrument } from '../domain/payment/method.ts'
import { AppError } from '../kernel/errors.ts'
import type { CustomerId, GatewayAccountId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { findSavedMethod } from '../store/saved-methods.ts'
import type { OpenAccount } from './gateway.ts'
import type { StartCommand } from './start-command.ts'

export type ChosenInstrument = {
  readonly method: PaymentMethod
  /** What the gateway is given. */
  readonly instrument: Instrument | SavedInstrument
  /** What stays of it with the payment. */
  readonly kept: KeptInstrument
  readonly gatewayAccountId: GatewayAccountId | null
  /** The customer for whom it is to be kept. */
  readonly keepFor: CustomerId | null
}

/**
 * @param customerId whose saved methods count; null: nobody's
 * @throws AppError saved_method_not_found (another customer's, too), field_invalid (`save` with nobody to save it for)
 */
export async function chooseInstrument(
  tx: Tx,
  command: StartCommand,
  customerId: CustomerId | null,
): Promise<ChosenInstrument> {
  const { instrument, save = false } = command
  if (save && customerId === null) {
    throw new AppError('field_invalid', { field: 'save', reason: 'there is no customer to save it for' })
  }
  if ('savedMethodId' in instrument) {
    if (save) throw new AppError('field_invalid', { field: 'save', reason: 'it is saved already' })
    return chooseSaved(tx, command, instrument.savedMethodId, customerId)
  }
  return {
    method: instrument.method,
    instrument,
    kept: { ...keptInstrument(instrument), ...(save ? { save } : {}) },
    gatewayAccountId: command.gatewayAccountId ?? null,
    keepFor: save ? customerId : null,
  }
}

async function chooseSaved(
  tx: Tx,
  command: StartCommand,
  id: Parameters<typeof findSavedMethod>[2],
  customerId: CustomerId | null,
): Promise<ChosenInstrument> {
  const saved = customerId === null ? undefined : await findSavedMethod(tx, customerId, id)
  const wanted = command.gatewayAccountId
  if (saved === undefined || (wanted !== undefined && wanted !== saved.gatewayAccountId)) {
    throw new AppError('saved_method_not_found', { field: 'instrument.saved_method_id' })
  }
  const { kind: method, gatewayMethodId, gatewayAccountId } = saved
  return {
    method,
    instrument: { method, gatewayMethodId, customerId: saved.customerId },
    kept: { ...keptOf(saved), savedMethodId: id },
    gatewayAccountId,
    keepFor: null,
  }
}

function keptOf({ kind, wallet }: SavedMethod): KeptInstrument {
  if (kind === 'wallet') return { method: 'wallet', wallet: wallet ?? '' }
  // The whole UPI id is the gateway's to know; it asks the payer there.
  return kind === 'upi' ? { method: 'upi', flow: 'collect' } : { method: 'card' }
}

/** @throws AppError not_supported_by_gateway */
export function assertCanKeep({ connector }: OpenAccount, { keepFor, method }: ChosenInstrument): void {
  if (keepFor === null || connector.savesMethods?.includes(method) === true) return
  throw new AppError('not_supported_by_gateway', { field: 'save', method })
}
