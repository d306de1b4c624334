// Accounts at gateways over the native API. Credentials come in and never go out; what each connector asks for is told
// by the list of connectors, so that nobody has to know it by heart.
import {
  ConnectGatewayAccount,
  ConnectorList,
  GatewayAccount,
  GatewayAccountList,
  ReplaceGatewayCredentials,
  UpdateGatewayAccount,
} from '@purser/protocol'
import { GatewayAccountId } from '../../kernel/ids.ts'
import { addGatewayAccount } from '../../operations/add-gateway-account.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getGatewayAccount, getGatewayAccounts, listConnectors } from '../../operations/gateway-account-queries.ts'
import type { ConnectorView, GatewayAccountView } from '../../operations/gateway-account-queries.ts'
import { replaceGatewayCredentials } from '../../operations/replace-gateway-credentials.ts'
import { updateGatewayAccount } from '../../operations/update-gateway-account.ts'
import { defined } from '../contract/defined.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Gateway accounts'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'settings' } as const
const params = { id: idParam(GatewayAccountId) }

function accountJson({ account, methods, notificationUrl }: GatewayAccountView) {
  return {
    id: account.id,
    object: 'gateway_account' as const,
    connector: account.connector,
    label: account.label,
    status: account.status,
    methods,
    notification_url: notificationUrl,
    settings: account.settings,
    created_at: account.createdAt.toISOString(),
  }
}

function connectorJson({ connector, credentials }: ConnectorView) {
  return {
    object: 'connector' as const,
    name: connector.name,
    test_only: connector.testOnly === true,
    methods: connector.methods,
    mandate_methods: connector.mandateMethods ?? [],
    credentials: credentials.map(({ name, description, isSecret, isRequired, pattern }) => ({
      name,
      description,
      secret: isSecret,
      required: isRequired,
      pattern,
    })),
  }
}

function wholeList<Item>(items: readonly Item[]) {
  return { object: 'list' as const, items, next_cursor: null }
}

function resume(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return getGatewayAccount(deps, actor, GatewayAccountId.parse(subjectId))
}

export const gatewayAccountRoutes: readonly Route[] = [
  read({
    path: '/v1/connectors',
    access: canRead,
    tag,
    summary: 'List the connectors, and the credentials that each asks for',
    reply: ConnectorList,
    read: async (deps) => wholeList(listConnectors(deps).map(connectorJson)),
  }),
  write({
    path: '/v1/gateway-accounts',
    access: canWrite,
    tag,
    summary: 'Connect an account at a gateway',
    description: 'The credentials are checked, sealed, and in no answer. A field that is wrong is named, never shown.',
    body: ConnectGatewayAccount,
    reply: GatewayAccount,
    status: 201,
    act: (deps, { actor, body, idempotency }) => addGatewayAccount(deps, actor, { ...body, idempotency }),
    resume,
    answer: accountJson,
  }),
  read({
    path: '/v1/gateway-accounts',
    access: canRead,
    tag,
    summary: 'List the gateway accounts, oldest first',
    description: 'A payment that names no account runs on the first active one here that can take its method.',
    reply: GatewayAccountList,
    read: async (deps, { actor }) => wholeList((await getGatewayAccounts(deps, actor)).map(accountJson)),
  }),
  read({
    path: '/v1/gateway-accounts/:id',
    access: canRead,
    tag,
    summary: 'Read a gateway account',
    params,
    reply: GatewayAccount,
    read: async (deps, { actor, params }) => accountJson(await getGatewayAccount(deps, actor, params.id)),
  }),
  write({
    path: '/v1/gateway-accounts/:id',
    access: canWrite,
    tag,
    summary: 'Rename, pause or activate a gateway account',
    params,
    body: UpdateGatewayAccount,
    reply: GatewayAccount,
    act: (deps, { actor, params, body, idempotency }) =>
      updateGatewayAccount(deps, actor, {
        accountId: params.id,
        ...defined({ label: body.label, status: body.status }),
        idempotency,
      }),
    resume,
    answer: accountJson,
  }),
  write({
    path: '/v1/gateway-accounts/:id/credentials',
    access: canWrite,
    tag,
    summary: 'Replace the credentials of a gateway account',
    description: 'All of them at once; the next call to the gateway uses them. They must be of the same account there.',
    params,
    body: ReplaceGatewayCredentials,
    reply: GatewayAccount,
    act: (deps, { actor, params, body, idempotency }) =>
      replaceGatewayCredentials(deps, actor, { accountId: params.id, credentials: body.credentials, idempotency }),
    resume,
    answer: accountJson,
  }),
]
