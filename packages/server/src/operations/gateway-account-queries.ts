// Gateway accounts as their merchant may see them, and the connectors that one can be made with. Credentials are not
// opened here: no answer has them, not even in part.
import type { TSchema } from 'typebox'
import type { Connector } from '../connectors/contract/connector.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { GatewayAccountId } from '../kernel/ids.ts'
import { listGatewayAccounts, readGatewayAccount } from '../store/gateway-accounts.ts'
import type { GatewayAccount } from '../store/gateway-accounts.ts'
import type { Actor, Deps } from './deps.ts'

export type GatewayAccountView = {
  readonly account: Omit<GatewayAccount, 'credentialsSealed'>
  /** Those of its connector. */
  readonly methods: readonly PaymentMethod[]
  /** Where its gateway sends notifications; null where the connector reads none. */
  readonly notificationUrl: string | null
}

export function viewGatewayAccount(deps: Deps, row: GatewayAccount): GatewayAccountView {
  const { credentialsSealed: _, ...account } = row
  const connector = deps.connectors.get(account.connector)
  return {
    account,
    methods: connector?.methods ?? [],
    notificationUrl:
      connector?.notifications === undefined ? null : `${deps.publicUrl()}/gateways/${account.id}/notifications`,
  }
}

/** @throws AppError gateway_account_not_found */
export async function getGatewayAccount(deps: Deps, actor: Actor, id: GatewayAccountId): Promise<GatewayAccountView> {
  return viewGatewayAccount(deps, await deps.store.inTransaction(actor.tenant, (tx) => readGatewayAccount(tx, id)))
}

/** Oldest first. They are few by rule, so this is always one whole page. */
export async function getGatewayAccounts(deps: Deps, actor: Actor): Promise<readonly GatewayAccountView[]> {
  const accounts = await deps.store.inTransaction(actor.tenant, listGatewayAccounts)
  return accounts.map((account) => viewGatewayAccount(deps, account))
}

export type CredentialField = {
  readonly name: string
  readonly description: string
  readonly isSecret: boolean
  readonly isRequired: boolean
  /** A regular expression that the whole text matches. */
  readonly pattern: string | null
}

export type ConnectorView = {
  readonly connector: Connector
  readonly credentials: readonly CredentialField[]
}

/** Every connector of this server, those for test mode too. */
export function listConnectors(deps: Deps): readonly ConnectorView[] {
  return [...deps.connectors.values()].map((connector) => ({ connector, credentials: fieldsOf(connector) }))
}

type Field = { readonly description?: string; readonly writeOnly?: boolean; readonly pattern?: string }
type Fields = TSchema & { readonly properties?: Readonly<Record<string, Field>>; readonly required?: readonly string[] }

function fieldsOf({ credentialsSchema }: Connector): readonly CredentialField[] {
  const { properties = {}, required = [] }: Fields = credentialsSchema
  return Object.entries(properties).map(([name, { description = '', writeOnly, pattern = null }]) => ({
    name,
    description,
    isSecret: writeOnly === true,
    isRequired: required.includes(name),
    pattern,
  }))
}
