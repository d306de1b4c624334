// docs/reference/routes.md: every route of our own APIs, from the tables that register them.
import type { Access } from '../../packages/server/src/http/auth.ts'
import type { Route } from '../../packages/server/src/dialects/contract/route.ts'
import { nativeRoutes } from '../../packages/server/src/dialects/native/routes.ts'
import { sdkRoutes } from '../../packages/server/src/dialects/sdk/session.ts'
import { code, document, table } from './markdown.ts'
import { fieldsOf } from './schema.ts'

const INTRODUCTION = `The same tables make the OpenAPI 3.1 description that a running server answers at \`/v1/openapi.json\`. A write needs an
\`Idempotency-Key\`: the same key with the same request answers the same bytes and acts once; with another request it is 422,
and 409 while the first is still at work. Amounts are whole minor units (paise, cents). Unknown fields are refused. Lists
are newest first; pass \`next_cursor\` on as \`cursor\`. Errors: [errors.md](errors.md).`

const SDK = `What an app or the hosted page may do, with the client token of a session (\`POST /v1/orders/:id/sessions\`) as bearer
token. An app never names an amount.`

export function routesDocument(): string {
  return document(
    'Routes',
    'packages/server/src/dialects/',
    INTRODUCTION,
    ...[...new Set(nativeRoutes.map((route) => route.tag))].flatMap((tag) => [
      `## ${tag}`,
      ...partsOf(nativeRoutes.filter((route) => route.tag === tag)),
    ]),
    '## Apps',
    SDK,
    ...partsOf(sdkRoutes),
  )
}

function partsOf(routes: readonly Route[]): readonly string[] {
  const overview = table(
    ['Route', 'What it does', 'Needs'],
    routes.map(({ method, path, summary, access }) => [code(`${method} ${path}`), summary, needs(access)]),
  )
  const bodies = routes.flatMap(({ method, path, description, body }) => {
    const text = [...(description === undefined ? [] : [description]), ...(body === null ? [] : [fieldsOf(body)])]
    return text.length === 0 ? [] : [`### ${method} ${path}`, ...text]
  })
  return [overview, ...bodies]
}

function needs(access: Access): string {
  if (access.kind === 'merchant') return `secret key with ${code(access.scope)}`
  if (access.kind === 'session') return 'client token of a session'
  return access.kind
}
