// The gateways that Purser speaks to. A connector is one folder and one line here; only compose.ts imports this list.
import type { Connector } from './contract/connector.ts'
import { sandbox } from './sandbox/index.ts'

const LIST: readonly Connector[] = [sandbox]

export const connectors: ReadonlyMap<string, Connector> = new Map(LIST.map((connector) => [connector.name, connector]))
