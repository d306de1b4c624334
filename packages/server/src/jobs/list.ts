// Every job there is, once: what the server runs in loops is what the test clock runs until nothing is due.
import type { Deps } from '../operations/deps.ts'
import { advanceDisputes } from './advance-disputes.ts'
import { advanceMandates } from './advance-mandates.ts'
import { applyDueNotifications } from './apply-notifications.ts'
import { createWebhookJob } from './deliver-webhooks.ts'
import { expireDue } from './expire.ts'
import { linkAudits } from './link-audit.ts'
import { reconcileDueAccounts } from './reconcile-settlements.ts'
import type { Job } from './runner.ts'
import { syncDueOperations } from './sync-operations.ts'

export function createJobs(deps: Deps): readonly Job[] {
  return [
    { name: 'apply-notifications', queue: 'notifications', run: (limit) => applyDueNotifications(deps, limit) },
    createWebhookJob(deps),
    { name: 'sync-operations', queue: 'operations', run: (limit) => syncDueOperations(deps, limit) },
    { name: 'mandates', queue: 'expiries', run: (limit) => advanceMandates(deps, limit) },
    { name: 'disputes', queue: 'expiries', run: (limit) => advanceDisputes(deps, limit) },
    { name: 'expire', queue: 'expiries', run: (limit) => expireDue(deps, limit) },
    { name: 'link-audit', queue: 'expiries', run: (limit) => linkAudits(deps, limit) },
    { name: 'reconcile-settlements', queue: 'expiries', run: (limit) => reconcileDueAccounts(deps, limit) },
  ]
}

const AT_ONCE = 100

/** Runs each job once on what is due now, waits for it, and answers how much it was: 0 when nothing was due. */
export async function runDueWork(deps: Deps): Promise<number> {
  let worked = 0
  for (const job of createJobs(deps)) {
    worked += await job.run(AT_ONCE)
    await job.drain?.()
  }
  return worked
}
