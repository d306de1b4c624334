// The one place of this gateway that opens transactions, and the form of its statements. Every statement is named, so
// Postgres parses it once per connection.
import type pg from 'pg'

/** Any connection, or one that is in a transaction. */
export type Db = Pick<pg.ClientBase, 'query'>

export type Statement = { readonly name: string; readonly text: string }

/** `name` must be unique among the gateway's statements; the text is constant, values travel as parameters. */
export function statement(name: string, text: string): Statement {
  return { name: `sandbox_${name}`, text }
}

export async function run<Row extends object>(db: Db, what: Statement, values: readonly unknown[]): Promise<Row[]> {
  const { rows } = await db.query<Row>({ name: what.name, text: what.text, values: [...values] })
  return rows
}

export async function inTransaction<T>(pool: pg.Pool, work: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    const { command } = await client.query('commit')
    // After a failed statement Postgres answers a commit with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error(`The transaction ended with ${command}.`)
    return result
  } catch (error) {
    // A connection that cannot roll back is thrown away; Postgres then does it.
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505'
}
