// Mandates and pre-debit notices whose hour has come: sends notices, ends pauses and mandates, and asks again for
// changes that were never answered.
import { advanceMandate } from '../operations/advance-mandate.ts'
import type { Deps } from '../operations/deps.ts'
import { sendNoticeIfDue } from '../operations/send-notice.ts'
import { listMandatesDue } from '../store/mandates.ts'
import { listNoticesDue } from '../store/pre-debit-notices.ts'
import { oneByOne } from './one-by-one.ts'

/** Returns how many were looked at. */
export async function advanceMandates(deps: Deps, limit: number): Promise<number> {
  const notices = await listNoticesDue(deps.store.queue, limit)
  await oneByOne(deps.log, notices, (notice) => sendNoticeIfDue(deps, notice.tenant, notice.id))
  const mandates = await listMandatesDue(deps.store.queue, limit)
  await oneByOne(deps.log, mandates, (mandate) => advanceMandate(deps, mandate.tenant, mandate.id))
  return notices.length + mandates.length
}
