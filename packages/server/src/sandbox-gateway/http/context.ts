// What the gateway's routes work with: the options and the hands of the worker that runs beside them.
import type { SandboxOptions } from '../options.ts'
import type { SandboxWorkers } from '../workers.ts'

export type GatewayContext = SandboxOptions &
  Pick<SandboxWorkers, 'nudge' | 'sendAbout'> & {
    /** Aborts when the server closes: nobody is kept waiting then. */
    readonly closing: AbortSignal
  }
