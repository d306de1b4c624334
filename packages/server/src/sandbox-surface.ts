// The sandbox gateway as one of the surfaces on our port. It is the only place where Purser and its own test gateway
// meet in one process; everything else they say to each other travels over HTTP.
import type { Surface } from './http/surfaces.ts'
import type { TestInstrument } from './operations/deps.ts'
import { SANDBOX_INSTRUMENTS, sandboxGateway } from './sandbox-gateway/index.ts'
import type { SandboxOptions, SandboxWorkers } from './sandbox-gateway/index.ts'

export function sandboxSurface(options: SandboxOptions, workers: SandboxWorkers): Surface {
  return {
    name: 'sandbox',
    wrongMethod: 'route_not_found',
    wordError: (error, context) => ({
      status: error.status,
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ error: { code: error.code, message: error.message, request_id: context.requestId } }),
    }),
    register: async (app) => {
      // The gateway has keys of its own and checks them itself.
      app.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: { kind: 'dialect' } }
      })
      await sandboxGateway(app, { ...options, workers })
    },
  }
}

/** What the hosted page lists in test mode. */
export const sandboxTestInstruments: readonly TestInstrument[] = SANDBOX_INSTRUMENTS.map((instrument) => ({
  method: instrument.method,
  value: instrument.key,
  label: instrument.name,
  hint: instrument.does,
  ...(instrument.network === undefined ? {} : { brand: instrument.network }),
  ...(instrument.lastFour === undefined ? {} : { lastFour: instrument.lastFour }),
}))
