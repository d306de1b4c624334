// Who a process id belongs to. A pid alone proves nothing: it may have been given to another program since it was
// written down, it may be a zombie that nobody reaps, or it may be counted in another container.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { Host } from './host.ts'
import { toolEnvironment } from './host.ts'

/**
 * A text that stays the same for the life of one process and differs for any other; undefined when it is not running.
 */
export function processToken(pid: number, host: Host): string | undefined {
  if (!isSignalable(pid)) return undefined
  if (host.os === 'linux') return linuxToken(pid)
  // Windows has no cheap start time; there a living pid counts as the same process.
  if (host.os === 'win32') return 'running'
  const started = askPs(pid, ['-o', 'stat=', '-o', 'lstart='], host)
  return started === '' || started.startsWith('Z') ? undefined : started.replace(/^\S+\s+/, '')
}

/** Whether this process is a PostgreSQL server over exactly this data directory. */
export function isPostmasterOf(pid: number, dataDir: string, host: Host): boolean {
  if (processToken(pid, host) === undefined) return false
  if (host.os === 'win32') return askTasklist(pid).includes('postgres.exe')
  // The working directory follows a data directory that was moved, but reading it may be forbidden (another uid in a
  // container without SYS_PTRACE); the command line is readable by everyone.
  if (host.os === 'linux' && worksIn(pid, dataDir)) return true
  const [program = '', ...rest] = commandLine(pid, host)
  return basename(program) === 'postgres' && rest.join(' ').startsWith(`-D ${dataDir} `)
}

/** Server processes that outlived their postmaster; Linux only, elsewhere nothing is found. */
export function leftoverBackends(dataDir: string, host: Host): number[] {
  if (host.os !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, dataDir))
}

/** Signals a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function isSignalable(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function linuxToken(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name may hold spaces and brackets, so fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')} ${fields[19]}`
  } catch {
    return undefined
  }
}

function worksIn(pid: number, dataDir: string): boolean {
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
    return program === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === dataDir
  } catch {
    return false
  }
}

function commandLine(pid: number, host: Host): string[] {
  if (host.os !== 'linux') return askPs(pid, ['-ww', '-o', 'command='], host).split(' ')
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function askPs(pid: number, columns: string[], host: Host): string {
  const { stdout } = spawnSync('ps', ['-p', String(pid), ...columns], { encoding: 'utf8', env: toolEnvironment(host) })
  return (stdout ?? '').trim()
}

function askTasklist(pid: number): string {
  const { stdout } = spawnSync('tasklist', ['/FI', `PID eq ${pid}`, '/NH'], { encoding: 'utf8', windowsHide: true })
  return stdout ?? ''
}
