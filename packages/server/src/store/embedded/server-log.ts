// PostgreSQL writes its log straight to a file, not through a pipe of ours, so that its last words survive both of us.
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const ROTATE_ABOVE_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 8 * 1024
const TAIL_LINES = 15

export type ServerLog = {
  readonly path: string
  /** Descriptor to hand to the server; close it once the server has it. */
  readonly file: number
  /** The last lines written since the log was opened, or '' when there are none. */
  tail(): string
}

export function openServerLog(path: string): ServerLog {
  const existing = statSync(path, { throwIfNoEntry: false })
  if (existing !== undefined && existing.size > ROTATE_ABOVE_BYTES) renameSync(path, `${path}.1`)
  const file = openSync(path, 'a', 0o600)
  const startBytes = fstatSync(file).size
  return { path, file, tail: () => readTail(path, startBytes) }
}

function readTail(path: string, startBytes: number): string {
  const file = openSync(path, 'r')
  try {
    const endBytes = fstatSync(file).size
    const from = Math.max(startBytes, endBytes - TAIL_BYTES)
    const bytes = Buffer.alloc(Math.max(0, endBytes - from))
    const length = readSync(file, bytes, 0, bytes.length, from)
    return bytes.toString('utf8', 0, length).trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  } finally {
    closeSync(file)
  }
}
