// The conditions of a list, only those that are asked for. One statement that says `$3 is null or type = $3` would be
// shorter, but its generic plan cannot use an index; this way each set of filters has a plan of its own.
import type { Tenant } from '../kernel/ids.ts'

export type Condition = {
  /** A constant with `?` where the value goes. */
  readonly sql: string
  /** Null means: do not filter by this. */
  readonly value: string | number | Date | null
}

/** Appends the given values to `values` and answers ` and … and …` with their places. */
export function conditionsSql(values: unknown[], conditions: readonly Condition[]): string {
  return conditions
    .filter((condition) => condition.value !== null)
    .map(({ sql, value }) => ` and ${sql.replaceAll('?', `$${values.push(value)}`)}`)
    .join('')
}

/** Narrows a queue to one tenant's rows; undefined: everybody's. */
export function ofTenant(alias: string, only: Tenant | undefined): readonly Condition[] {
  return [
    { sql: `${alias}.merchant_id = ?`, value: only?.merchantId ?? null },
    { sql: `${alias}.mode = ?`, value: only?.mode ?? null },
  ]
}
