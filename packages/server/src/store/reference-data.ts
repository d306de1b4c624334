// What the database has to know of the domain: the currencies and the allowed transitions. The code is the source; the
// migrator writes the same into Postgres, so that no path around the program can skip a state.
import type pg from 'pg'
import { DISPUTE_TABLE } from '../domain/dispute/states.ts'
import { executionTransitions } from '../domain/mandate/execution.ts'
import { NOTICE_TABLE } from '../domain/mandate/notice.ts'
import { MANDATE_TABLE } from '../domain/mandate/states.ts'
import { OFFLINE_TABLE } from '../domain/offline/states.ts'
import { PAYMENT_TABLE } from '../domain/payment/states.ts'
import { REFUND_TABLE } from '../domain/refund/states.ts'
import { SESSION_TABLE } from '../domain/session/states.ts'
import { allowedTransitions } from '../domain/state-table.ts'
import { CURRENCIES } from '../kernel/currencies.ts'

export async function writeReferenceData(client: pg.ClientBase): Promise<void> {
  const currencies = Object.values(CURRENCIES).filter((currency) => currency.exponent !== null)
  await client.query(
    `insert into currencies (code, exponent)
     select * from unnest($1::text[], $2::smallint[])
     on conflict (code) do update set exponent = excluded.exponent
      where currencies.exponent <> excluded.exponent`,
    [currencies.map((currency) => currency.code), currencies.map((currency) => currency.exponent)],
  )
  const rows = [
    ...allowedTransitions(PAYMENT_TABLE).map((pair) => ['payment', ...pair]),
    ...allowedTransitions(REFUND_TABLE).map((pair) => ['refund', ...pair]),
    ...allowedTransitions(SESSION_TABLE).map((pair) => ['session', ...pair]),
    ...allowedTransitions(MANDATE_TABLE).map((pair) => ['mandate', ...pair]),
    ...allowedTransitions(NOTICE_TABLE).map((pair) => ['pre_debit_notice', ...pair]),
    ...allowedTransitions(OFFLINE_TABLE).map((pair) => ['offline_payment', ...pair]),
    ...allowedTransitions(DISPUTE_TABLE).map((pair) => ['dispute', ...pair]),
    ...executionTransitions().map((pair) => ['mandate_execution', ...pair]),
  ]
  await client.query(
    `insert into allowed_transitions (noun, from_status, to_status)
     select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing`,
    [rows.map((row) => row[0]), rows.map((row) => row[1]), rows.map((row) => row[2])],
  )
}
