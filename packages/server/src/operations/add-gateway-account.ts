// Connects an account at a gateway: its credentials are checked by their connector's schema and sealed. They are in no
// answer, no log and no audit row, and a refusal names the field that is wrong, never what stood in it.
import { Value } from 'typebox/value'
import type { Connector } from '../connectors/contract/connector.ts'
import { AppError } from '../kernel/errors.ts'
import { GatewayAccountId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { countGatewayAccountsForInsert, insertGatewayAccount } from '../store/gateway-accounts.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { CREDENTIALS_FIELD } from './gateway.ts'
import { viewGatewayAccount } from './gateway-account-queries.ts'
import type { GatewayAccountView } from './gateway-account-queries.ts'
import type { Idempotency } from './idempotent.ts'

/** Per merchant and mode: few enough for a list without pages. */
const ACCOUNTS_MAX = 20

export type NewGatewayAccount = {
  readonly id?: GatewayAccountId
  readonly connector: string
  readonly label: string
  readonly credentials: object
  /** What was agreed with the gateway: `settlement: { fee_bps, fee_fixed, gst_bps, tds_bps }`. */
  readonly settings?: object
  readonly idempotency?: Idempotency
}

/**
 * @throws AppError field_invalid, naming the connector that is not there or the field of the credentials that has not
 *   the shape that the connector asks for; url_refused for an address in them that may not be called; test_mode_only,
 *   live_mode_off, gateway_accounts_exhausted
 */
export function addGatewayAccount(
  deps: Deps,
  actor: Actor,
  account: Pick<NewGatewayAccount, 'connector' | 'label' | 'credentials' | 'idempotency'>,
): Promise<GatewayAccountView> {
  const { tenant, requestId } = actor
  return keepGatewayAccount(deps, { tenant, actor: actorName(actor), requestId }, account)
}

/** The same for whoever may say more. `by.actor` is a name as it stands in the audit. @throws AppError as above */
export async function keepGatewayAccount(
  deps: Deps,
  by: { readonly tenant: Tenant; readonly actor: string; readonly requestId: string | null },
  account: NewGatewayAccount,
): Promise<GatewayAccountView> {
  const { tenant, ...author } = by
  const connector = deps.connectors.get(account.connector)
  if (connector === undefined) throw new AppError('field_invalid', { field: 'connector', reason: 'not_registered' })
  assertModeIsOn(deps, tenant)
  if (tenant.mode === 'live' && connector.testOnly === true)
    throw new AppError('test_mode_only', { field: 'connector' })
  assertCredentials(deps, connector, account.credentials)
  const id = account.id ?? GatewayAccountId.create(deps.clock.now())
  return deps.store.inTransaction(tenant, async (tx) => {
    await account.idempotency?.claim(tx, id)
    if ((await countGatewayAccountsForInsert(tx)) >= ACCOUNTS_MAX) {
      throw new AppError('gateway_accounts_exhausted', { max: ACCOUNTS_MAX })
    }
    const { label } = account
    const made = await insertGatewayAccount(tx, {
      id,
      connector: connector.name,
      label,
      credentialsSealed: await sealCredentials(deps, tx, account.credentials),
      settings: { ...account.settings },
    })
    await insertAudit(tx, {
      ...author,
      action: 'gateway_account.connected',
      objectId: id,
      details: { connector: connector.name, label },
    })
    return viewGatewayAccount(deps, made)
  })
}

/** @throws AppError live_mode_off */
export function assertModeIsOn(deps: Deps, tenant: Tenant): void {
  if (tenant.mode === 'live' && !deps.live) throw new AppError('live_mode_off')
}

/** Checked before: `assertCredentials`. */
export function sealCredentials(deps: Deps, tx: Tx, credentials: object): Promise<Buffer> {
  return deps.vault.seal(tx, CREDENTIALS_FIELD, JSON.stringify(credentials))
}

/** @throws AppError field_invalid naming the field, url_refused */
export function assertCredentials(deps: Deps, connector: Connector, credentials: object): void {
  const [fault] = Value.Errors(connector.credentialsSchema, credentials)
  if (fault !== undefined) {
    const missing = fault.keyword === 'required' ? fault.params.requiredProperties.slice(0, 1) : []
    const path = [...fault.instancePath.split('/').filter((part) => part !== ''), ...missing]
    // What is wrong with it, never what it was: it may be half a secret.
    const reason = missing.length > 0 ? 'missing' : fault.keyword === 'boolean' ? 'no_such_field' : 'malformed'
    throw new AppError('field_invalid', { field: ['credentials', ...path].join('.'), reason })
  }
  for (const address of connector.addressesIn?.(credentials) ?? []) deps.checkMerchantUrl(address)
}
