// Which API a path belongs to. Every error is worded by the surface of its path, whoever throws it: a route, the
// framework, or the one not-found handler. The longest matching path wins, so the order of the table means nothing.
import type { FastifyInstance } from 'fastify'
import type { AppError } from '../kernel/errors.ts'
import type { Deps } from '../operations/deps.ts'
import type { WebhookFormat } from '../operations/webhook-format.ts'

export const SURFACE_NAMES = [
  'native',
  'sdk',
  'page',
  'dashboard',
  'sandbox',
  'sandbox',
  'juspay',
  'instamojo',
  'instamojo-sample',
  'payworks',
  'jaze',
] as const
export type SurfaceName = (typeof SURFACE_NAMES)[number]

export type ErrorContext = { readonly requestId: string; readonly method: string; readonly path: string }

/** A complete answer. `headers` come on top of those that every response carries. */
export type WordedError = {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Surface = {
  readonly name: SurfaceName
  /** Says an error as this surface's clients know it. Must never throw. */
  wordError(error: AppError, context: ErrorContext): WordedError
  /** What a known path answers to a method that it does not have. */
  readonly wrongMethod: 'route_not_found' | 'method_not_allowed'
  /** How webhooks look to this API's clients; absent: they get our own events. */
  readonly webhookFormat?: WebhookFormat
  /** Adds routes to an encapsulated instance. Every route declares its access in `config`. */
  register(app: FastifyInstance, deps: Deps): void | Promise<void>
}

// `prefix` matches the path itself and what is below it; `start` also what merely begins so (`/card/add`, `/cards`).
type Rule = readonly [kind: 'exact' | 'prefix' | 'start', path: string, surface: SurfaceName]

const below = (root: string, names: string, surface: SurfaceName): Rule[] =>
  names.split(' ').map((name): Rule => ['prefix', `${root}/${name}`, surface])

const RULES: readonly Rule[] = [
  ['prefix', '/sdk', 'sdk'],
  ['prefix', '/pay', 'page'],
  ['prefix', '/return', 'page'],
  ['prefix', '/assets', 'page'],
  ['prefix', '/receipts', 'page'],
  ['prefix', '/return', 'page'],
  ['prefix', '/assets', 'page'],
  ['prefix', '/dashboard', 'dashboard'],
  ['prefix', '/sandbox', 'sandbox'],
  ['prefix', '/sandbox', 'sandbox'],

  ...below('/v2', 'merchants transactions events', 'payworks'),
  ['prefix', '/payworks', 'payworks'],

  ...below('/v2', 'gateway payment_requests payments refunds resolutioncenter invoices payouts users', 'instamojo'),
  ['prefix', '/oauth2', 'instamojo'],
  ['start', '/@', 'instamojo'],
  ['prefix', '/integrations/android', 'instamojo'],
  ['prefix', '/instamojo', 'instamojo'],

  ...below('/v2', 'orders upi emi customers bins txns pay', 'juspay'),
  ['prefix', '/v1/offers', 'juspay'],
  ['prefix', '/v4', 'juspay'],
  ...below('', 'session orders txns refunds customers mandates notifications cardbins wallets outages', 'juspay'),
  ...below('', 'orderStatus ecr upi/get-vpa merchants merchant payment-page juspay', 'juspay'),
  ['start', '/orders', 'juspay'],
  ['start', '/order/', 'juspay'],
  ['start', '/card', 'juspay'],

  ['exact', '/order', 'instamojo-sample'],
  ...below('', 'create status refund ping', 'instamojo-sample'),

  ['prefix', '/api/v1', 'jaze'],
  ['prefix', '/jaze', 'jaze'],
]

/** The surface of a request target. A path that no rule names is ours. */
export function surfaceOf(target: string): SurfaceName {
  const path = pathOf(target)
  let best: Rule | undefined
  for (const rule of RULES) {
    if (matches(rule, path) && (best === undefined || rule[1].length > best[1].length)) best = rule
  }
  return best?.[2] ?? 'native'
}

/** The path of a request target, without its query. An absolute target keeps only its path. */
export function pathOf(target: string): string {
  const withoutOrigin = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '')
  const end = withoutOrigin.search(/[?#]/)
  return end < 0 ? withoutOrigin : withoutOrigin.slice(0, end)
}

function matches([kind, path, _surface]: Rule, target: string): boolean {
  if (kind === 'exact') return target === path
  if (!target.startsWith(path)) return false
  return kind === 'start' || target.length === path.length || target[path.length] === '/'
}
