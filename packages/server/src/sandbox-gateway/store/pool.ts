// Connections for the gateway as a process of its own. Inside Purser's server the pool is handed in.
import { Pool } from 'pg'

export function openGatewayPool(connectionString: string, options: { asRole: boolean; size: number }): Pool {
  const pool = new Pool({
    connectionString,
    max: options.size,
    application_name: 'purser_sandbox',
    connectionTimeoutMillis: 5_000,
    lock_timeout: 5_000,
    statement_timeout: 10_000,
    ...(options.asRole ? { options: '-c role=purser_sandbox' } : {}),
  })
  // Without a listener a database that goes away would end this process; the next query reports it.
  pool.on('error', () => {})
  return pool
}
