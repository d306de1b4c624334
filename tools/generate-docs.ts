// Writes docs/reference/ from the code: node --import tsx -C source tools/generate-docs.ts
// With --check it writes nothing and fails when a committed document is not what the code says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DOCUMENTS } from './docs/documents.ts'
import { routesDocument } from './docs/routes.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ALL = { ...DOCUMENTS, 'docs/reference/routes.md': routesDocument }

const isCheck = process.argv.includes('--check')
const stale = Object.entries(ALL).filter(([path, make]) => make() !== committed(path))
for (const [path, make] of isCheck ? [] : stale) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), make())
}
const paths = stale.map(([path]) => `  ${path}\n`).join('')
if (stale.length === 0) process.stdout.write('The documents are what the code says.\n')
else if (isCheck) process.stderr.write(`Not what the code says; run npm run docs:\n${paths}`)
else process.stdout.write(`Written:\n${paths}`)
process.exitCode = isCheck && stale.length > 0 ? 1 : 0

function committed(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch {
    return undefined
  }
}
