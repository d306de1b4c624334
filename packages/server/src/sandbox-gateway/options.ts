// What the gateway is given by whoever runs it: Purser's server in one process, or main.ts in a process of its own.
import type pg from 'pg'
import type { Clock } from '../kernel/clock.ts'

/**
 * Posts one notification and returns the HTTP status.
 * @throws Error when there was no answer within `timeoutMs`
 */
export type SendNotification = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
) => Promise<number>

export type SandboxOptions = {
  /** Connected as purser_sandbox; nothing else in the database is asked for. */
  readonly pool: pg.Pool
  readonly send: SendNotification
  readonly clock: Clock
  /** Where payers reach this gateway, without a slash at the end. A function: the port is known after listening. */
  readonly baseUrl: () => string
  /** Guards accounts, faults, clock and book. Without one these are closed. */
  readonly adminToken?: string
  /** Told of failures that nobody waits for. Never of bodies or secrets. */
  readonly onError?: (what: string, error: unknown) => void
}
