// The APIs that Purser speaks to clients. A dialect is one folder and one line here; only compose.ts imports this list.
import type { Dialect } from './contract/dialect.ts'
import { juspay } from './juspay/index.ts'
import { native } from './native/index.ts'
import { sdk } from './sdk/index.ts'

export const surfaces: readonly Dialect[] = [native, sdk, juspay]
