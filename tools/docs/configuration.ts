// docs/reference/configuration.md: every setting, as environment variable and as flag.
import { SETTINGS } from '../../packages/server/src/config.ts'
import { code, document, table } from './markdown.ts'

const INTRODUCTION = `Every setting is an environment variable; most are a flag of \`npm start\` too, and the flag wins:
\`npm start -- --port 8000\`. Secrets have no flag, because everyone on a machine can read a command line. All problems are
told at once and by name, never with the value. A name that begins with \`PURSER_\` and is not listed here is refused.`

export function configurationDocument(): string {
  const rows = SETTINGS.map(({ name, flag, description, mustBe, otherwise }) => [
    code(name),
    flag === undefined ? 'no' : code(flag),
    `${description} It must be ${mustBe}.`,
    otherwise,
  ])
  const settings = table(['Setting', 'Flag', 'What it does', 'When it is not set'], rows)
  return document('Configuration', 'packages/server/src/config.ts', INTRODUCTION, settings)
}
