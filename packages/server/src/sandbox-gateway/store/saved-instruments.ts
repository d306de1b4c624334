// Instruments that a merchant's customers let the gateway keep. A name is of use to the account that it was given to,
// for the customer that it was given for; it is told once the payment that it was kept with was approved.
import type { InstrumentMethod } from '../instruments.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

type Saved = { readonly method: InstrumentMethod; readonly instrument: string }

const INSERT = statement(
  'insert_saved_instrument',
  `insert into sandbox.saved_instruments (account_id, id, customer, method, instrument)
   values ($1, $2, $3, $4, $5) on conflict do nothing`,
)

/** Kept before under the same name: it stays as it is. */
export async function insertSavedInstrument(
  db: Db,
  saved: Saved & { readonly accountId: string; readonly id: string; readonly customer: string },
): Promise<void> {
  await run(db, INSERT, [saved.accountId, saved.id, saved.customer, saved.method, saved.instrument])
}

const FIND = statement(
  'saved_instrument',
  `select method, instrument from sandbox.saved_instruments where account_id = $1 and id = $2 and customer = $3`,
)

export async function findSavedInstrument(
  db: Db,
  accountId: string,
  { saved, customer }: { readonly saved: string; readonly customer: string },
): Promise<Saved | undefined> {
  const [row] = await run<Saved>(db, FIND, [accountId, saved, customer])
  return row
}
