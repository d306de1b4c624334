// A hash over files: the same as last time means that nothing has to be done again.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Every file below `folder`, absolute and in a fixed order; `skip` is asked with a folder's or file's name. */
export function filesBelow(folder, skip = (_name) => false) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    if (skip(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path, skip) : [path]
  })
}

/** Names and contents together, so that a moved file counts as a change. */
export function fingerprint(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(relative(ROOT, file).split(sep).join('/'))
    hash.update('\0')
    hash.update(readFileSync(file))
    hash.update('\0')
  }
  return hash.digest('hex')
}

export function readRecord(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Replaces the file in one step: a reader never meets half of it. */
export function writeRecord(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, `${text}\n`)
  renameSync(aside, path)
}

export function forgetRecord(path) {
  rmSync(path, { force: true })
}
