// Where gateways tell us what happened. The id in the path picks the credentials, so nothing is parsed before the
// signature over the raw bytes is checked; what is genuine is stored and acknowledged at once, and applied later.
import type { FastifyInstance } from 'fastify'
import { receiveNotification } from '../operations/receive-notification.ts'
import type { Deps } from '../operations/deps.ts'
import { rawBodyOf, useRawBodies } from './raw-body.ts'

export const NOTIFICATION_LIMIT_BYTES = 256 * 1024

export function registerNotifications(app: FastifyInstance, deps: Deps): void {
  useRawBodies(app, NOTIFICATION_LIMIT_BYTES)
  app.post<{ Params: { gatewayAccountId: string } }>(
    '/gateways/:gatewayAccountId/notifications',
    { config: { access: { kind: 'gateway' } }, bodyLimit: NOTIFICATION_LIMIT_BYTES },
    async (request) => {
      const raw = { headers: headersOf(request.headers), body: rawBodyOf(request) }
      await receiveNotification(deps, { gatewayAccountId: request.params.gatewayAccountId, raw })
      // The same for a duplicate: a gateway that repeats itself wants to hear that we have it.
      return { received: true }
    },
  )
}

/** Node joins repeated headers with a comma, except a few that it gives as lists. */
function headersOf(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}
