// Does what is due: pending payments get their outcome, holds and payer steps run out, refunds settle. Each item is
// its own transaction, locked and looked at again, so any number of workers may do this at once.
import { comeDue, settleRefund } from '../book/payment.ts'
import type { BookNotice } from '../book/mandate.ts'
import type { BookRefund } from '../book/refund.ts'
import { REFUND_FAILURE } from '../book/refund.ts'
import { findAccount } from '../store/accounts.ts'
import type { DueItem } from '../store/due.ts'
import { listDue, lockDuePayment, moveClock, nextDueInMs } from '../store/due.ts'
import { lockPayment } from '../store/payments.ts'
import { lockDueNotice, lockMandate, settleNotice } from '../store/mandates.ts'
import { nextSettlementInMs } from '../store/settlements.ts'
import { lockDueRefund, saveSettledRefund } from '../store/refunds.ts'
import { inTransaction } from '../store/transaction.ts'
import { accountOf, save, saleStep } from './change-payment.ts'
import type { ActionContext } from './context.ts'
import { accountNow, debitNotice, refundNotice } from './context.ts'
import { settleDispute } from './dispute.ts'
import { settleAccounts } from './settle-accounts.ts'

const BATCH = 100

const SETTLE = {
  payment: settlePayment,
  refund: settleOneRefund,
  notice: settleDebitNotice,
  dispute: settleDispute,
} as const

/** Settles everything that is due now, of one account or of all. Returns how many items it looked at. */
export async function settleDue(context: ActionContext, accountId: string | null): Promise<number> {
  let settled = 0
  for (;;) {
    const items = await listDue(context.pool, BATCH, accountId)
    for (const item of items) {
      await SETTLE[item.kind](context, item)
    }
    settled += items.length
    if (items.length < BATCH) return settled + (await settleAccounts(context, accountId))
  }
}

/**
 * Moves an account's clock forward until it is `toOffsetMs` ahead of real time, from due item to due item, so that what
 * follows from one happens at its own time and not at the end. Two who do it at once do not add up. Returns how many
 * items came due on the way.
 */
export async function advanceClock(context: ActionContext, accountId: string, toOffsetMs: number): Promise<number> {
  let settled = await settleDue(context, accountId)
  for (;;) {
    const offsetMs = (await findAccount(context.pool, accountId))?.clockOffsetMs ?? toOffsetMs
    const left = toOffsetMs - offsetMs
    if (left <= 0) return settled
    const next = await nextInMs(context, accountId)
    const step = next === null ? left : Math.min(left, Math.max(next, 1))
    await moveClock(context.pool, accountId, step, offsetMs)
    settled += await settleDue(context, accountId)
  }
}

/** Milliseconds until something is to be done, of one account or of all; null when nothing waits. */
export async function nextInMs(context: Pick<ActionContext, 'pool'>, accountId: string | null): Promise<number | null> {
  const waits = [await nextDueInMs(context.pool, accountId), await nextSettlementInMs(context.pool, accountId)]
  const known = waits.filter((wait) => wait !== null)
  return known.length === 0 ? null : Math.min(...known)
}

async function settlePayment(context: ActionContext, item: DueItem): Promise<void> {
  await inTransaction(context.pool, async (tx) => {
    const due = await lockDuePayment(tx, item.account_id, item.id)
    if (due === undefined) return
    const { payment, outcome } = due
    const change = comeDue(payment, outcome) ?? { standing: payment, due: null, captured: 0n }
    await save(context, tx, await accountOf(tx, payment), payment, change, saleStep(context, payment, change))
  })
}

async function settleOneRefund(context: ActionContext, item: DueItem): Promise<void> {
  await inTransaction(context.pool, async (tx) => {
    const payment = await lockPayment(tx, item.account_id, item.parent_id)
    const refund = await lockDueRefund(tx, item.account_id, item.id)
    if (payment === undefined || refund === undefined) return
    const account = await accountOf(tx, payment)
    const after: BookRefund = {
      ...refund,
      status: refund.succeeds ? 'RETURNED' : 'FAILED',
      failure: refund.succeeds ? null : REFUND_FAILURE,
      updatedAt: accountNow(context, account),
    }
    const standing = settleRefund(payment, refund.amount, refund.succeeds)
    await saveSettledRefund(tx, after, standing, await refundNotice(context, tx, account, payment, after))
  })
}

async function settleDebitNotice(context: ActionContext, item: DueItem): Promise<void> {
  await inTransaction(context.pool, async (tx) => {
    const mandate = await lockMandate(tx, item.account_id, item.parent_id)
    const account = await findAccount(tx, item.account_id)
    const notice = await lockDueNotice(tx, item.account_id, item.id)
    if (mandate === undefined || account === undefined || notice === undefined) return
    const after: BookNotice = { ...notice, status: notice.succeeds ? 'SENT' : 'FAILED' }
    await settleNotice(tx, after, await debitNotice(context, tx, account, mandate, after))
  })
}
