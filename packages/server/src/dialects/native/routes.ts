// Every route of the native API. What is in this list is registered, described at /v1/openapi.json, and fuzzed.
import type { Route } from '../contract/route.ts'
import { allocationRoutes } from './allocations.ts'
import { customerRoutes } from './customers.ts'
import { deliveryRoutes } from './deliveries.ts'
import { disputeRoutes } from './disputes.ts'
import { eventRoutes } from './events.ts'
import { gatewayAccountRoutes } from './gateway-accounts.ts'
import { ledgerRoutes } from './ledger.ts'
import { mandateRoutes } from './mandates.ts'
import { offlinePaymentRoutes } from './offline-payments.ts'
import { orderRoutes } from './orders.ts'
import { paymentPageRoutes } from './payment-page.ts'
import { paymentRoutes } from './payments.ts'
import { receiptRoutes } from './receipts.ts'
import { reconciliationRoutes } from './reconciliations.ts'
import { refundApprovalRoutes } from './refund-approvals.ts'
import { refundRoutes } from './refunds.ts'
import { savedMethodRoutes } from './saved-methods.ts'
import { sessionRoutes } from './sessions.ts'
import { testClockRoutes } from './test-clock.ts'
import { webhookEndpointRoutes } from './webhook-endpoints.ts'

export const nativeRoutes: readonly Route[] = [
  ...orderRoutes,
  ...sessionRoutes,
  ...paymentPageRoutes,
  ...paymentRoutes,
  ...offlinePaymentRoutes,
  ...allocationRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...mandateRoutes,
  ...customerRoutes,
  ...savedMethodRoutes,
  ...refundApprovalRoutes,
  ...receiptRoutes,
  ...ledgerRoutes,
  ...reconciliationRoutes,
  ...eventRoutes,
  ...gatewayAccountRoutes,
  ...webhookEndpointRoutes,
  ...deliveryRoutes,
  ...testClockRoutes,
]
