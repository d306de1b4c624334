// The gateways that Purser speaks to. A connector is one folder and one line here; only compose.ts imports this list.
import type { Connector } from './contract/connector.ts'
import { juspay } from './juspay/index.ts'
import { sandbox } from './sandbox/index.ts'

const LIST: readonly Connector[] = [sandbox, juspay]

export const connectors: ReadonlyMap<string, Connector> = new Map(LIST.map((connector) => [connector.name, connector]))
