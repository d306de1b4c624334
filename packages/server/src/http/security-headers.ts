// The headers that every response carries, errors of the socket included. They suit an API; a page that needs more of
// its Content-Security-Policy, and an asset that may be cached, set their own over these.
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

const OVER_HTTPS = { ...ALWAYS, 'strict-transport-security': 'max-age=31536000' } as const

export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return publicUrl.startsWith('https:') ? OVER_HTTPS : ALWAYS
}
