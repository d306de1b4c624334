// The routes behind which a browser finds something to show: the hosted payment page with its QR codes, the dashboard,
// and their built files. The HTML holds no data and asks for no credentials: a page reads what it shows from an API,
// with the token in its own address or with the sign-in cookie.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import QRCode from 'qrcode'
import { AppError } from '../kernel/errors.ts'
import { PaymentId } from '../kernel/ids.ts'
import { authenticate } from '../operations/authenticate.ts'
import type { Deps } from '../operations/deps.ts'
import { readFrameOrigins, readSessionPayment } from '../operations/read-session.ts'
import { createAssets, SDK_FILES } from './assets.ts'
import type { Assets } from './assets.ts'
import type { Access } from './auth.ts'
import { pageHeaders, pageHtml } from './page-html.ts'
import type { PageKind } from './page-html.ts'

const PUBLIC: { readonly config: { readonly access: Access } } = { config: { access: { kind: 'public' } } }
const YEAR_SECONDS = 31_536_000
const NONCE_BYTES = 16

/** Adds `/pay/:token` with its QR codes, `/return/:paymentId`, `/dashboard`, `/assets/:name` and the SDK, all GET. */
export function registerPages(app: FastifyInstance, deps: Deps, assets: Assets = createAssets()): void {
  registerPaymentPage(app, deps, assets)
  registerDashboard(app, deps, assets)
  registerAssets(app, assets)
  registerSdk(app, assets)
}

function registerPaymentPage(app: FastifyInstance, deps: Deps, assets: Assets): void {
  // Who may frame the page is the session's to say, so the policy of each page names exactly its origins.
  app.get<{ Params: { token: string } }>('/pay/:token', PUBLIC, async (request, reply) => {
    const framedBy = await readFrameOrigins(deps, request.params.token)
    return sendPage(deps, assets, 'pay', reply, framedBy)
  })

  app.get('/pay/warm', PUBLIC, async (_request, reply) => await sendPage(deps, assets, 'warm', reply, ['*']))

  // Where a bank's page sends the payer back to. Only the browser knows which payment page it left, so it finds the way
  // itself; that somebody came back proves nothing about the payment.
  app.get('/return/:paymentId', PUBLIC, async (_request, reply) => await sendPage(deps, assets, 'return', reply))

  app.get<{ Params: { token: string; file: string } }>('/pay/:token/qr/:file', PUBLIC, async (request, reply) => {
    const { token, file } = request.params
    const paymentId = file.replace(/\.svg$/, '')
    if (paymentId === file || !PaymentId.is(paymentId)) throw new AppError('payment_not_found')
    const uri = await upiUriOf(deps, request, token, paymentId)
    // Dark on light in either colour scheme: a code the other way round is not read by every camera. A screen has no
    // scratches, so little correction is needed and the dots can be larger.
    const svg = await QRCode.toString(uri, { type: 'svg', errorCorrectionLevel: 'L', margin: 2 })
    return reply.type('image/svg+xml').send(svg)
  })
}

function registerDashboard(app: FastifyInstance, deps: Deps, assets: Assets): void {
  for (const path of ['/dashboard', '/dashboard/*']) {
    app.get(path, PUBLIC, async (_request, reply) => await sendPage(deps, assets, 'dashboard', reply))
  }
}

function registerAssets(app: FastifyInstance, assets: Assets): void {
  app.get<{ Params: { name: string } }>('/assets/:name', PUBLIC, async (request, reply) => {
    const file = await assets.file(request.params.name)
    if (file === undefined) throw new AppError('route_not_found')
    // The name holds a hash of the content, so what it names never changes.
    reply.headers({ 'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`, vary: 'accept-encoding' })
    reply.type(file.type)
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.body)
    return reply.header('content-encoding', 'gzip').send(await file.gzipped())
  })
}

// Under names that stay, because a merchant's pages name them. A browser asks again after five minutes.
function registerSdk(app: FastifyInstance, assets: Assets): void {
  for (const name of SDK_FILES) {
    app.get(`/sdk/${name}`, PUBLIC, async (request, reply) => {
      const file = await assets.sdk(name)
      const etag = `"${file.hash}"`
      reply.headers({
        'cache-control': 'public, max-age=300',
        vary: 'accept-encoding',
        etag,
        // A script of any page may load it, as a module too; it holds nothing but code.
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      reply.type(file.type)
      if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.body)
      return reply.header('content-encoding', 'gzip').send(await file.gzipped())
    })
  }
}

async function sendPage(
  deps: Deps,
  assets: Assets,
  kind: PageKind,
  reply: FastifyReply,
  framedBy: readonly string[] = [],
): Promise<FastifyReply> {
  const bundle = await assets.bundle(kind === 'dashboard' ? 'dashboard' : 'checkout')
  const nonce = deps.randomness.bytes(NONCE_BYTES).toString('base64')
  return reply.headers(pageHeaders(kind, nonce, framedBy)).send(pageHtml(kind, bundle, nonce))
}

/** An image carries no Authorization header; the token in its path says whose payment it may show. */
async function upiUriOf(deps: Deps, request: FastifyRequest, token: string, paymentId: PaymentId): Promise<string> {
  const identity = await authenticate(deps, token)
  if (identity?.credential !== 'client_token') throw new AppError('payment_not_found')
  const { credential: _, ...actor } = identity
  const { action } = await readSessionPayment(deps, { ...actor, requestId: request.id }, paymentId)
  if (action?.type !== 'upi_intent') throw new AppError('payment_not_found')
  return action.uri
}
