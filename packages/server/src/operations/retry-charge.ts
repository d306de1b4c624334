// Tries a declined charge of a mandate again, where that was asked for with it: the same order, a new payment, in the
// same period. It is a charge like any other and refused for the same reasons; then nothing more is tried.
import type { MandateExecution } from '../domain/mandate/execution.ts'
import { retryDays } from '../domain/mandate/retry.ts'
import { AppError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'
import type { MandateExecutionId, Tenant } from '../kernel/ids.ts'
import { readExecution, takeRetry } from '../store/mandate-executions.ts'
import { readMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { readOrder } from '../store/orders.ts'
import { chargeMandate } from './charge-mandate.ts'
import type { ChargeCommand } from './charge-mandate.ts'
import type { Actor, Deps } from './deps.ts'

// Taken by somebody else meanwhile.
class RetryTaken extends Error {}

// The order or the mandate will not have it: no later try will fare better.
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'mandate_state_conflict',
  'mandate_charge_refused',
  'order_not_payable',
  'payment_alive',
  'payment_unknown',
  'not_supported_by_gateway',
  'amount_invalid',
])

export async function retryCharge(deps: Deps, tenant: Tenant, id: MandateExecutionId): Promise<void> {
  const wanted = await deps.store.inTransaction(tenant, async (tx) => {
    const execution = await readExecution(tx, id)
    if (execution === undefined || execution.retryAt === null) return undefined
    const mandate = await readMandate(tx, execution.mandateId)
    const { zone } = await readMerchant(tx)
    const { reference } = await readOrder(tx, execution.orderId)
    return { execution, reference, days: retryDays(mandate, execution, tx.now, zone) }
  })
  if (wanted === undefined) return
  const { execution, reference, days } = wanted
  for (const day of days) {
    if (await tryOn(deps, tenant, execution, { reference, day })) return
  }
  await deps.store.inTransaction(tenant, (tx) => takeRetry(tx, id))
}

/** False when it is refused for this day. */
async function tryOn(
  deps: Deps,
  tenant: Tenant,
  execution: MandateExecution,
  { reference, day }: { readonly reference: string; readonly day: string },
): Promise<boolean> {
  const actor: Actor = { tenant, kind: 'job', id: 'mandates', requestId: null, scopes: [] }
  const command: ChargeCommand = {
    mandateId: execution.mandateId,
    reference,
    amount: execution.amount,
    debitDay: day,
    retries: execution.retriesLeft - 1,
    // In the transaction that writes the charge: taken and tried, or neither.
    idempotency: {
      claim: async (tx) => {
        if (!(await takeRetry(tx, execution.id))) throw new RetryTaken()
      },
      settle: async () => {},
    },
  }
  try {
    await chargeMandate(deps, actor, command)
    return true
  } catch (error) {
    if (error instanceof RetryTaken) return true
    // Written down and not sent: it is a payment of its own that has failed.
    if (error instanceof AppError && error.code === 'gateway_unavailable') return true
    if (error instanceof AppError && FINAL.has(error.code)) return false
    throw error
  }
}
