// Mandates and pre-debit notices whose hour has come: sends notices, begins and ends pauses, ends mandates, asks again
// for changes that were never answered, and tries declined charges again.
import type { Tenant } from '../kernel/ids.ts'
import { advanceMandate } from '../operations/advance-mandate.ts'
import type { Deps } from '../operations/deps.ts'
import { retryCharge } from '../operations/retry-charge.ts'
import { sendNoticeIfDue } from '../operations/send-notice.ts'
import { listChargesToRetry } from '../store/mandate-executions.ts'
import { listMandatesDue } from '../store/mandates.ts'
import { listNoticesDue } from '../store/pre-debit-notices.ts'
import { oneByOne } from './one-by-one.ts'

/** Returns how many were looked at. */
export async function advanceMandates(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const notices = await listNoticesDue(deps.store.queue, limit, only)
  await oneByOne(deps.log, notices, (notice) => sendNoticeIfDue(deps, notice.tenant, notice.id))
  const mandates = await listMandatesDue(deps.store.queue, limit, only)
  await oneByOne(deps.log, mandates, (mandate) => advanceMandate(deps, mandate.tenant, mandate.id))
  const charges = await listChargesToRetry(deps.store.queue, limit, only)
  await oneByOne(deps.log, charges, (charge) => retryCharge(deps, charge.tenant, charge.id))
  return notices.length + mandates.length + charges.length
}
