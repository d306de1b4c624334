// Every job there is, once: what the server runs in loops is what the test clock runs until nothing is due.
import type { Tenant } from '../kernel/ids.ts'
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
    {
      name: 'apply-notifications',
      queue: 'notifications',
      run: (limit, only) => applyDueNotifications(deps, limit, only),
    },
    createWebhookJob(deps),
    { name: 'sync-operations', queue: 'operations', run: (limit, only) => syncDueOperations(deps, limit, only) },
    { name: 'mandates', queue: 'expiries', run: (limit, only) => advanceMandates(deps, limit, only) },
    { name: 'disputes', queue: 'expiries', run: (limit, only) => advanceDisputes(deps, limit, only) },
    { name: 'expire', queue: 'expiries', run: (limit, only) => expireDue(deps, limit, only) },
    { name: 'link-audit', queue: 'expiries', run: (limit, only) => linkAudits(deps, limit, only) },
    { name: 'reconcile-settlements', queue: 'expiries', run: (limit, only) => reconcileDueAccounts(deps, limit, only) },
  ]
}

const AT_ONCE = 100

/**
 * Runs each job once on what is due now, waits for it, and answers how much it was: 0 when nothing was due. `only`: of
 * this tenant, so that whoever moves a clock neither does nor waits for the work of others.
 */
export async function runDueWork(deps: Deps, only?: Tenant): Promise<number> {
  let worked = 0
  for (const job of createJobs(deps)) {
    worked += await job.run(AT_ONCE, only)
    await job.drain?.()
  }
  return worked
}
