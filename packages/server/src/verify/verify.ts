// Recomputes everything that can be recomputed and lists what does not hold: the invariants of docs/proof.md that
// concern what is kept. It reads one snapshot, as a login that sees every tenant, and changes nothing, ever.
import { ALLOCATION_CHECKS } from '../store/verify/allocations.ts'
import { findAccountOwner, readOurPayments } from '../store/verify/our-book.ts'
import type { Check } from '../store/verify/check.ts'
import { DISPUTE_CHECKS } from '../store/verify/disputes.ts'
import { AUDIT_CHECKS } from '../store/verify/audit.ts'
import { EVENT_CHECKS } from '../store/verify/events.ts'
import { HISTORY_CHECKS } from '../store/verify/history.ts'
import { LEDGER_CHECKS } from '../store/verify/ledger.ts'
import { readOrdersToVerify } from '../store/verify/orders.ts'
import { MANDATE_CHECKS } from '../store/verify/mandates.ts'
import { QUEUE_CHECKS, QUIET_CHECKS } from '../store/verify/queues.ts'
import { RECEIPT_CHECKS } from '../store/verify/receipts.ts'
import { SETTLEMENT_CHECKS } from '../store/verify/settlements.ts'
import { countRows, inSnapshot, runCheck } from '../store/verify/snapshot.ts'
import type { VerifyClient } from '../store/verify/snapshot.ts'
import { compareBooks } from './gateway-book.ts'
import type { GatewayBook } from './gateway-book.ts'
import { orderFault } from './order-status.ts'

export type Violation = {
  readonly invariant: string
  /** What should be so. */
  readonly claim: string
  readonly merchantId: string
  readonly mode: string
  readonly object: string
  readonly what: string
}

export type VerifyReport = {
  /** At most a hundred of each claim; `violationCount` counts them all. */
  readonly violations: readonly Violation[]
  readonly violationCount: number
  readonly claims: number
  /** Rows of each table in the snapshot. */
  readonly rows: Readonly<Record<string, number>>
  readonly gatewayBooks: { readonly compared: number; readonly open: number }
}

export type VerifyOptions = {
  /** Compared with ours. Let everything settle first. */
  readonly gatewayBooks?: readonly GatewayBook[]
  /** The system was let finish: something that is due is a violation, too. */
  readonly isQuiet?: boolean
  readonly progress?: (line: string) => void
}

const CHECKS: readonly Check[] = [
  ...LEDGER_CHECKS,
  ...HISTORY_CHECKS,
  ...QUEUE_CHECKS,
  ...EVENT_CHECKS,
  ...RECEIPT_CHECKS,
  ...SETTLEMENT_CHECKS,
  ...ALLOCATION_CHECKS,
  ...DISPUTE_CHECKS,
  ...MANDATE_CHECKS,
  ...AUDIT_CHECKS,
]

const ORDER_CLAIM = 'An order has the status and the totals that its payments give it.'
const BOOK_CLAIM = 'Our book and the gateway’s say the same.'
const MOST_OF_A_KIND = 100

type Findings = { readonly violations: Violation[]; count: number }

/**
 * @param client connected as a superuser or a login with BYPASSRLS, with no transaction open
 * @throws Error when the login does not see every tenant, or a gateway's book cannot be read
 */
export async function verifyAll(client: VerifyClient, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { progress = () => {}, gatewayBooks = [] } = options
  const checks = options.isQuiet === true ? [...CHECKS, ...QUIET_CHECKS] : CHECKS
  const found: Findings = { violations: [], count: 0 }
  return inSnapshot(client, async () => {
    const rows = await countRows(client)
    for (const check of checks) {
      const { rows: broken, total } = await runCheck(client, check)
      found.count += total
      for (const row of broken) {
        found.violations.push({
          invariant: check.invariant,
          claim: check.claim,
          merchantId: row.merchant_id,
          mode: row.mode,
          object: row.object,
          what: row.what,
        })
      }
      progress(`${total === 0 ? 'holds' : `BROKEN ${total} times`}  ${check.invariant.padEnd(3)} ${check.claim}`)
    }
    await verifyOrders(client, found, progress)
    const compared = await verifyBooks(client, found, gatewayBooks, progress)
    return {
      violations: found.violations,
      violationCount: found.count,
      claims: checks.length + 1 + (gatewayBooks.length > 0 ? 1 : 0),
      rows,
      gatewayBooks: compared,
    }
  })
}

async function verifyOrders(client: VerifyClient, found: Findings, progress: (line: string) => void): Promise<void> {
  const before = found.count
  for await (const order of readOrdersToVerify(client)) {
    const what = orderFault(order)
    if (what === undefined) continue
    note(found, before, {
      invariant: 'I4',
      claim: ORDER_CLAIM,
      merchantId: order.merchantId,
      mode: order.mode,
      object: order.id,
      what,
    })
  }
  const total = found.count - before
  progress(`${total === 0 ? 'holds' : `BROKEN ${total} times`}  I4  ${ORDER_CLAIM}`)
}

async function verifyBooks(
  client: VerifyClient,
  found: Findings,
  books: readonly GatewayBook[],
  progress: (line: string) => void,
): Promise<VerifyReport['gatewayBooks']> {
  let compared = 0
  let open = 0
  for (const book of books) {
    const before = found.count
    const owner = await findAccountOwner(client, book.gatewayAccountId)
    if (owner === undefined) throw new Error(`There is no gateway account ${book.gatewayAccountId}.`)
    const result = await compareBooks(readOurPayments(client, owner, book.gatewayAccountId), book)
    for (const difference of result.differences) note(found, before, { ...difference, claim: BOOK_CLAIM, ...owner })
    compared += result.compared
    open += result.open
    const total = found.count - before
    const verdict = total === 0 ? 'holds' : `BROKEN ${total} times`
    progress(`${verdict}  I7  ${BOOK_CLAIM} (${result.compared} payments, ${result.open} still open)`)
  }
  return { compared, open }
}

function note(found: Findings, before: number, violation: Violation): void {
  if (found.count - before < MOST_OF_A_KIND) found.violations.push(violation)
  found.count += 1
}
