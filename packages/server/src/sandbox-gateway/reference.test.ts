// docs/reference/sandbox-gateway.md says what the gateway's tables say, neither more nor less.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MANDATE_STATUSES } from './book/mandate.ts'
import { GATEWAY_STATUSES } from './book/payment.ts'
import { REFUND_STATUSES } from './book/refund.ts'
import { FAULTS, GATEWAY_CALLS, LONGEST_DELAY_MS } from './faults.ts'
import { REFUSALS } from './refusal.ts'
import { REJECTIONS } from './rejections.ts'

const text = readFileSync(new URL('../../../../docs/reference/sandbox-gateway.md', import.meta.url), 'utf8')

test.each([
  ['Payment status', GATEWAY_STATUSES],
  ['Refund status', REFUND_STATUSES],
  ['Mandate status', MANDATE_STATUSES],
  ['Rejection', Object.keys(REJECTIONS)],
  ['Code', Object.keys(REFUSALS)],
  ['Fault', Object.keys(FAULTS)],
])('documents every entry of the table "%s", and nothing else', (head, names) => {
  expect(new Set(rowsOf(head).map(([name]) => name))).toEqual(new Set(names.map((name) => `\`${name}\``)))
})

test('says of every fault where it strikes and what it does', () => {
  const written = Object.fromEntries(rowsOf('Fault').map(([name, on, does]) => [name, { on, does }]))
  for (const [name, fault] of Object.entries(FAULTS)) {
    const on = fault.on.map((place) => `${place}s`).join(', ')
    expect(written[`\`${name}\``]).toEqual({ on, does: fault.does })
  }
})

test('says the status of every refusal', () => {
  const written = rowsOf('Code').map(([code, status]) => `${code} ${status}`)
  expect(written).toEqual(Object.entries(REFUSALS).map(([code, { status }]) => `\`${code}\` ${status}`))
})

test('names every call that a fault may match, and the longest delay', () => {
  for (const call of GATEWAY_CALLS) expect(text).toContain(`\`${call}\``)
  expect(text).toContain(`\`delay_ms\` is at most ${LONGEST_DELAY_MS}`)
})

/** The rows of the table whose first column is headed so. */
function rowsOf(head: string): string[][] {
  const [, after = ''] = text.split(`\n| ${head} |`)
  const lines = after.split('\n').slice(2)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
