// The API that merchants' servers written for Juspay ExpressCheckout speak, at the paths that it has there, and once
// more under /juspay. README.md says what is supported.
import { BODY_LIMIT_BYTES } from '../../http/app.ts'
import { useRawBodies } from '../../http/raw-body.ts'
import type { Dialect } from '../contract/dialect.ts'
import { registerBrowserRoutes } from './browser.ts'
import { customerRoutes } from './customers.ts'
import { registerEncrypted } from './encrypted.ts'
import { wordError } from './errors.ts'
import { keptRoutes } from './kept.ts'
import { lookupRoutes } from './lookups.ts'
import { mandateRoutes } from './mandates.ts'
import { noticeRoutes } from './mandate-notices.ts'
import { orderExtraRoutes } from './order-extras.ts'
import { orderRoutes } from './orders.ts'
import { registerPayloads } from './payloads.ts'
import { refundRoutes } from './refunds.ts'
import { registerJuspayRoutes } from './route.ts'
import { sessionRoutes } from './session.ts'
import { settingRoutes } from './settings.ts'
import { registerSignedOrders } from './signed-orders.ts'
import { txnRoutes } from './txns.ts'
import { webhookFormat } from './webhooks.ts'

const routes = [
  ...orderRoutes,
  ...orderExtraRoutes,
  ...refundRoutes,
  ...sessionRoutes,
  ...customerRoutes,
  ...txnRoutes,
  ...mandateRoutes,
  ...noticeRoutes,
  ...keptRoutes,
  ...lookupRoutes,
]

export const juspay: Dialect = {
  name: 'juspay',
  wrongMethod: 'route_not_found',
  wordError,
  webhookFormat,
  register: async (app, deps) => {
    useRawBodies(app, BODY_LIMIT_BYTES)
    registerPayloads(app, deps)
    await app.register(async (scope) => registerJuspayRoutes(scope, deps, settingRoutes), { prefix: '/juspay' })
    for (const prefix of ['', '/juspay']) {
      await app.register(
        async (scope) => {
          registerJuspayRoutes(scope, deps, routes)
          registerBrowserRoutes(scope, deps)
          registerSignedOrders(scope, deps)
          registerEncrypted(scope, deps)
        },
        { prefix },
      )
    }
  },
}
