// The one screen that a start prints: where everything is, what to sign in with, and what to try first.
import type { DemoFile } from './demo-merchant.ts'

export function startScreen(start: {
  readonly baseUrl: string
  readonly dataDir: string
  readonly demo: DemoFile | undefined
  readonly shopUrl?: string | undefined
}): string {
  const { baseUrl, demo } = start
  const lines = ['', `Purser is ready at ${baseUrl}`, '']
  if (demo === undefined) {
    lines.push(
      `  API        ${baseUrl}/v1   (description: ${baseUrl}/v1/openapi.json)`,
      `  Dashboard  ${baseUrl}/dashboard`,
    )
    return `${lines.join('\n')}\n\n`
  }
  lines.push(
    `  API        ${baseUrl}/v1   (description: ${baseUrl}/v1/openapi.json)`,
    `  Dashboard  ${demo.dashboard.url}`,
    `             e-mail ${demo.dashboard.email}, password ${demo.dashboard.password}`,
    ...(start.shopUrl === undefined
      ? []
      : [`  Shop       ${start.shopUrl}   (a small store that is paid through Purser)`]),
    `  Demo keys  ${start.dataDir}/demo.json   (merchant ${demo.merchant_id}, test mode: no real money moves)`,
    '',
    'Three things to try:',
    '',
    start.shopUrl === undefined
      ? '  1. Your first order by curl: see "First payment" in README.md'
      : `  1. Buy something, as a customer would:                    ${start.shopUrl}`,
    '  2. A whole payment in the terminal, in a second window:   npm run demo',
    `  3. Sign in to the dashboard and look the payment up:      ${demo.dashboard.url}`,
    '',
    'Ctrl-C stops it.',
    '',
  )
  return lines.join('\n')
}
