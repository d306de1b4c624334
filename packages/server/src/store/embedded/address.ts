// Where clients find the cluster: a socket in a directory of mode 0700, whose only guard that mode is (every role
// connects without a password). The directory lies in the temporary directory because a socket's path may have 107
// bytes at most.
import { createHash } from 'node:crypto'
import { chownSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Confinement } from './confinement.ts'
import { EmbeddedPostgresError } from './embedded-error.ts'
import type { Host } from './host.ts'

export type Address = {
  readonly host: string
  readonly port: number
  /** On Windows only, where the server listens on the loopback interface. */
  readonly password: string | undefined
  readonly settings: Readonly<Record<string, string>>
  /** Removes what a killed server left at this address, so that the next may use it. */
  clear(): void
  /** Gives the address up. */
  remove(): void
}

const PORT = 5432
const SOCKET_FILES = [`.s.PGSQL.${PORT}`, `.s.PGSQL.${PORT}.lock`]

/** Call only while the data directory is claimed: older socket directories of the same cluster are removed. */
export async function openAddress(dataDir: string, confinement: Confinement, host: Host): Promise<Address> {
  return host.os === 'win32' ? openLoopback(dataDir) : openSocketDirectory(dataDir, confinement, host)
}

/** The file that holds the superuser's password, on Windows. */
export function passwordPath(dataDir: string): string {
  return join(dirname(dataDir), 'postgres.password')
}

function openSocketDirectory(dataDir: string, { owner }: Confinement, host: Host): Address {
  const prefix = `purser-${directoryTag(dirname(dataDir))}-`
  const longestBytes = host.os === 'darwin' ? 103 : 107
  const parent = [tmpdir(), '/tmp'].find(
    (path) =>
      Buffer.byteLength(join(path, `${prefix}XXXXXX`, SOCKET_FILES[0] ?? '')) <= longestBytes && isOpen(path, owner),
  )
  if (parent === undefined) {
    throw new EmbeddedPostgresError(
      'start_failed',
      `No temporary directory is fit for PostgreSQL's socket: ${tmpdir()} has too long a path or is closed to others, ` +
        'and there is no /tmp. Set TMPDIR to a short path that every user may enter.',
    )
  }
  removeStale(parent, prefix, [process.getuid?.(), owner?.uid])
  const directory = mkdtempSync(join(parent, prefix))
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  return {
    host: directory,
    port: PORT,
    password: undefined,
    settings: {
      listen_addresses: '',
      unix_socket_directories: `"${directory.replaceAll('"', '""')}"`,
      unix_socket_permissions: '0700',
      port: String(PORT),
    },
    clear: () => removeSockets(directory),
    remove: () => removeSocketDirectory(directory),
  }
}

// The cluster's name in the temporary directory. The inode tells apart two containers that share the latter and each
// call their data directory /data.
function directoryTag(directory: string): string {
  const { dev, ino } = lstatSync(directory)
  return createHash('sha256').update(`${directory} ${dev} ${ino}`).digest('hex').slice(0, 10)
}

function isOpen(path: string, owner: Confinement['owner']): boolean {
  try {
    const everyoneMayEnter = 0o001
    return owner === undefined || (lstatSync(realpathSync(path)).mode & everyoneMayEnter) !== 0
  } catch {
    return false
  }
}

function removeStale(parent: string, prefix: string, ours: (number | undefined)[]): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue
    const path = join(parent, name)
    // The temporary directory is everybody's: what somebody else put there under our name is left alone.
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry?.isDirectory() === true && ours.includes(entry.uid)) removeSocketDirectory(path)
  }
}

function removeSockets(directory: string): void {
  for (const name of SOCKET_FILES) rmSync(join(directory, name), { force: true })
}

function removeSocketDirectory(directory: string): void {
  try {
    removeSockets(directory)
    rmdirSync(directory)
  } catch {
    // Gone already, or holding what is not ours: no reason to fail a stop or a start.
  }
}

// Untested: nobody has run Purser on Windows. It has no socket directories that a mode protects.
async function openLoopback(dataDir: string): Promise<Address> {
  return {
    host: '127.0.0.1',
    port: await freePort(),
    password: readFileSync(passwordPath(dataDir), 'utf8').trim(),
    settings: { listen_addresses: '127.0.0.1', unix_socket_directories: '' },
    clear() {},
    remove() {},
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : PORT))
    })
  })
}
