// The HTML of our pages: made here, never by Vite, because each response carries a fresh nonce and the policy allows
// nothing else to run or to style. Nothing from a request is written into it.
import { ERRORS } from '../kernel/errors.ts'
import type { AppError } from '../kernel/errors.ts'
import type { Bundle } from './assets.ts'

export type PageKind = 'pay' | 'warm' | 'return' | 'dashboard'

const BODIES: Record<PageKind, { title: string; body: string }> = {
  pay: { title: 'Payment', body: '<purser-pay></purser-pay>' },
  // Knows nothing and asks for nothing: it only brings script and style into the browser before they are needed.
  warm: { title: 'Payment', body: '<purser-warm></purser-warm>' },
  return: { title: 'Payment', body: '<purser-back></purser-back>' },
  dashboard: { title: 'Purser', body: '<div id="root"></div>' },
}

/** @param nonce base64, fresh for every response */
export function pageHtml(kind: PageKind, bundle: Bundle, nonce: string): string {
  const { title, body } = BODIES[kind]
  const styles = bundle.styles.map((href) => `<link rel="stylesheet" href="${href}" nonce="${nonce}">`).join('')
  const script = `<script type="module" src="${bundle.script}" nonce="${nonce}"></script>`
  const missing = '<noscript>This page needs JavaScript.</noscript>'
  return htmlDocument(title, `${styles}${script}`, `${body}${missing}`)
}

/** A page for an error that has no screen of its own. */
export function errorHtml(error: AppError, requestId: string): string {
  const { message, advice } = ERRORS[error.code]
  return htmlDocument(
    'Purser',
    '',
    `<main><h1>${message}</h1><p>${advice}</p><p>Request ${escapeHtml(requestId)}</p></main>`,
  )
}

function htmlDocument(title: string, head: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">' +
    `<title>${title}</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`
  )
}

// The payment page builds every element itself and never from text, so it can forbid the rest (Trusted Types).
const TRUSTED_TYPES = "; require-trusted-types-for 'script'; trusted-types 'none'"

/**
 * On top of the headers of every response (security-headers.ts): those say no-store, no-referrer and nosniff.
 * @param framedBy origins of the pages that may frame this one, each checked before; `*` for a page that holds nothing
 */
export function pageHeaders(
  kind: PageKind,
  nonce: string,
  framedBy: readonly string[] = [],
): Readonly<Record<string, string>> {
  const ancestors = framedBy.length === 0 ? "'none'" : framedBy.join(' ')
  const calls = kind === 'warm' ? "'none'" : "'self'"
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src ${calls}; ` +
    `img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors ${ancestors}`
  return {
    'content-type': 'text/html; charset=utf-8',
    // The old header knows no list of origins; browsers that know the policy go by that.
    ...(framedBy.length === 0 ? { 'x-frame-options': 'DENY' } : {}),
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'content-security-policy': kind === 'dashboard' ? policy : policy + TRUSTED_TYPES,
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
