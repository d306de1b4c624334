// docs/reference/errors.md: every code that a caller can meet. The anchors are what `type` in an error points to.
import { ERRORS } from '../../packages/server/src/kernel/errors.ts'
import { code, document, table } from './markdown.ts'

const INTRODUCTION = `Every error of the native API is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`code\`,
\`detail\`, \`request_id\`, \`details\`, and \`field\` where one part of the request is meant. Act on \`code\`: it is never
renamed and never reused. A decline is not an error: it is a payment with the status \`declined\`.

"Again" says whether the same request, with the same \`Idempotency-Key\`, may be sent again as it is. Where \`Retry-After\`
is given, wait that many seconds first.`

export function errorsDocument(): string {
  const entries = Object.entries(ERRORS)
  const overview = table(
    ['Code', 'Status', 'Again'],
    entries.map(([name, entry]) => [`[${code(name)}](#${name})`, String(entry.status), entry.retry ? 'yes' : 'no']),
  )
  const each = entries.map(([name, entry]) => {
    const again = entry.retry ? 'The same request may be sent again.' : 'The same request would be refused again.'
    return `### ${name}\n\n${entry.status}. ${entry.message}\n\n${entry.advice} ${again}`
  })
  return document('Errors', 'packages/server/src/kernel/errors.ts', INTRODUCTION, overview, ...each)
}
