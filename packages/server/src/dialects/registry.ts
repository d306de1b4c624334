// The APIs that Purser speaks to clients. A dialect is one folder and one line here; only compose.ts imports this list.
import type { Dialect } from './contract/dialect.ts'
import type { WebhookFormats } from '../operations/webhook-format.ts'
import { juspay } from './juspay/index.ts'
import { webhookFormat as juspayWebhooks } from './juspay/webhooks.ts'
import { native } from './native/index.ts'
import { sdk } from './sdk/index.ts'

export const webhookFormats: WebhookFormats = new Map([['juspay', juspayWebhooks]])

export const surfaces: readonly Dialect[] = [native, sdk, juspay]
