// Tells the demo on a terminal: numbered steps, what was sent, what came back and how long it took, and a tick or a
// cross for each thing that has to be true. It counts the crosses: one is enough for the demo to fail.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const PROBLEM_FIELDS = ['code', 'title', 'field', 'details', 'request_id', 'error_code', 'error_message']

export type Exchange = {
  readonly method: string
  readonly path: string
  readonly sent?: unknown
  readonly status: number
  readonly received: unknown
  readonly ms: number
}

export type Narrator = {
  /** Numbered on from the last one, unless the step has a number of its own. */
  step(title: string, number?: number): void
  exchange(exchange: Exchange, show: readonly string[]): void
  /** Something that happened without our asking, such as a webhook. */
  news(line: string): void
  check(claim: string, holds: boolean): void
  plain(line: string): void
  failures(): number
}

export function createNarrator(write: (text: string) => void, colours: boolean): Narrator {
  let steps = 0
  let failed = 0
  const paint = (style: Style, text: string) => (colours ? styleText(style, text, { validateStream: false }) : text)
  const line = (text: string) => write(`   ${text}\n`)
  return {
    step(title, number = steps + 1) {
      steps = number
      write(`\n${paint('bold', `${steps}. ${title}`)}\n`)
    },
    exchange({ method, path, sent, status, received, ms }, show) {
      line(`${paint('cyan', method)} ${path}`)
      if (sent !== undefined) line(paint('dim', `→ ${shortJson(sent)}`))
      line(
        `${paint('dim', `← ${status} ${shortJson(pick(received, status < 400 ? show : PROBLEM_FIELDS))}`)} ${paint('dim', `(${Math.round(ms)} ms)`)}`,
      )
    },
    news(text) {
      line(`${paint('magenta', 'webhook')} ${text}`)
    },
    check(claim, holds) {
      if (!holds) failed += 1
      line(holds ? `${paint('green', '✓')} ${claim}` : `${paint('red', '✗')} ${paint('red', `not true: ${claim}`)}`)
    },
    plain: line,
    failures: () => failed,
  }
}

/** One line of JSON with air in it. */
export function shortJson(value: unknown): string {
  return JSON.stringify(value, undefined, 1)?.replaceAll(/\n\s*/g, ' ') ?? ''
}

function pick(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || names.length === 0) return value
  const fields = value as Record<string, unknown>
  return Object.fromEntries(names.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])))
}
