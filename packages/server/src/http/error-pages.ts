// What each error code means and what to do about it, as a page: the `type` of every problem points here. Made from the
// catalogue at start, so it cannot say anything else than the program does.
import type { FastifyInstance } from 'fastify'
import { ERRORS } from '../kernel/errors.ts'
import type { Deps } from '../operations/deps.ts'

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:44rem;margin:2rem auto;padding:0 1rem}' +
  'h2{font:600 1rem/1.4 ui-monospace,monospace;margin:2rem 0 .25rem}h2:target{outline:2px solid;outline-offset:.4rem}' +
  'p{margin:.25rem 0}small{opacity:.75}'

/** Adds GET `/docs/errors`. */
export function registerErrorPages(app: FastifyInstance, deps: Deps): void {
  const sections = Object.entries(ERRORS)
    .map(([code, { status, message, advice, retry }]) => {
      const again = retry ? 'The same request may be sent again.' : 'Sending the same request again will not help.'
      return `<h2 id="${code}">${code}</h2><p>${message}</p><p>${advice}</p><p><small>HTTP ${status}. ${again}</small></p>`
    })
    .join('')
  app.get('/docs/errors', { config: { access: { kind: 'public' } } }, async (_request, reply) => {
    const nonce = deps.randomness.bytes(16).toString('base64')
    reply.headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
    })
    return (
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Errors of Purser</title>' +
      `<meta name="viewport" content="width=device-width, initial-scale=1"><style nonce="${nonce}">${STYLE}</style></head>` +
      `<body><main><h1>Errors</h1><p>Every answer with an error carries a code, a request id and, where one is to blame, the field.</p>${sections}</main></body></html>`
    )
  })
}
