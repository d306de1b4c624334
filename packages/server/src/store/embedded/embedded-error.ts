// What can go wrong with the private cluster before there is anyone to answer: these errors end the start and are read
// by the operator on a terminal, so each message says what to do next. They are no AppErrors: no caller ever sees them.

export type EmbeddedErrorCode =
  | 'unsupported_platform'
  | 'binaries_unusable'
  | 'data_directory_in_use'
  | 'data_directory_unusable'
  | 'initialization_failed'
  | 'start_failed'
  | 'stop_failed'

export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedErrorCode
  /** The process in the way, where there is one. */
  readonly pid: number | undefined
  /** Where the Purser in the way can be reached, once it has said so. */
  readonly url: string | undefined

  constructor(code: EmbeddedErrorCode, message: string, other: { pid?: number; url?: string; cause?: unknown } = {}) {
    super(message, other.cause === undefined ? undefined : { cause: other.cause })
    this.name = 'EmbeddedPostgresError'
    this.code = code
    this.pid = other.pid
    this.url = other.url
  }
}

export const USE_DATABASE_URL = 'Set DATABASE_URL to a PostgreSQL server of your own instead.'
