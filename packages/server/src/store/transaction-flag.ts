// Knows whether the code that is running stands inside a database transaction. It lives apart from db.ts so that the
// outbound client may import this one file of the store and nothing else of it. The flag follows the asynchronous
// call chain and is lowered when the transaction ends, so work that merely outlives it may send again.
import { AsyncLocalStorage } from 'node:async_hooks'
import { invariant } from '../kernel/errors.ts'

const enclosing = new AsyncLocalStorage<{ open: boolean }>()

/** Runs `work` with the flag up, for whoever opens transactions; lowers it when `work` settles, however it does. */
export async function runInsideTransactionFlag<T>(work: () => Promise<T>): Promise<T> {
  const transaction = { open: true }
  try {
    return await enclosing.run(transaction, work)
  } finally {
    transaction.open = false
  }
}

/**
 * Called by the outbound client before it sends: a slow gateway must never hold a row lock.
 * @throws AppError internal_error
 */
export function assertNoTransaction(): void {
  invariant(enclosing.getStore()?.open !== true, 'No network call is made inside a transaction.')
}
