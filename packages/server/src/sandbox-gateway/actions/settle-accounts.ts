// Pays out: what was captured and returned until yesterday becomes one file per currency, one UTR and one credit to the
// merchant's bank account.
import { settleLine, writeCsv } from '../book/settlement.ts'
import { bankNumber, newId } from '../ids.ts'
import { insertSettlement, listAccountsToSettle, listUnsettled, lockAccountToSettle } from '../store/settlements.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction } from '../store/transaction.ts'
import type { ActionContext } from './context.ts'

/** Settles what is to be settled now, of one account or of all. Returns how many files it made. */
export async function settleAccounts(context: ActionContext, accountId: string | null): Promise<number> {
  let files = 0
  for (const id of await listAccountsToSettle(context.pool, accountId)) {
    files += await inTransaction(context.pool, (tx) => settleAccount(context, tx, id))
  }
  return files
}

async function settleAccount(context: ActionContext, tx: Db, accountId: string): Promise<number> {
  const account = await lockAccountToSettle(tx, accountId)
  if (account === undefined) return 0
  const unsettled = await listUnsettled(tx, accountId)
  const currencies = [...new Set(unsettled.map((line) => line.currency))].sort()
  for (const currency of currencies) {
    const id = newId('sbt', context.clock.now())
    const utr = `SBXN${bankNumber(`utr ${id}`, 12)}`
    const lines = unsettled.filter((line) => line.currency === currency).map((line) => settleLine(line, account.rates))
    const settlement = {
      id,
      utr,
      currency,
      lines: lines.length,
      net: lines.reduce((total, line) => total + line.net, 0n),
      csv: writeCsv({ id, utr }, lines),
      createdAt: account.now,
    }
    await insertSettlement(tx, accountId, settlement, {
      ids: lines.filter((line) => line.kind !== 'chargeback_reversal').map((line) => line.id),
      reversed: lines.filter((line) => line.kind === 'chargeback_reversal').map((line) => line.id),
    })
  }
  return currencies.length
}
