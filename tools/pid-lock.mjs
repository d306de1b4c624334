// One at a time, between processes: a file that names the processes which hold it. Holders that were killed leave the
// file behind; the next one sees that none of that number and start time lives any more, and takes it over. A program
// that the holder started may outlive it and go on writing, so it is named as a holder, too.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const LOOK_AGAIN_MS = 100

/**
 * Waits for the lock, runs `work`, lets go.
 * @template T
 * @param {string} path
 * @param {(holder: number) => void} onWait called once, with the pid of a holder, when there is a wait
 * @param {(hold: (pid: number) => void) => Promise<T>} work calls `hold` with each program that it starts
 * @returns {Promise<T>}
 */
export async function withPidLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true })
  for (let told = false; !take(path); told = true) {
    const holders = readHolders(path)
    if (holders === undefined) continue
    const living = holders.find(lives)
    if (living === undefined) {
      removeDead(path, holders)
      continue
    }
    if (!told) onWait(living.pid)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
  try {
    return await work((pid) => write(path, [...(readHolders(path) ?? []), holderOf(pid)]))
  } finally {
    rmSync(path, { force: true })
  }
}

// Written aside and linked: the file is never seen without its content.
function take(path) {
  const own = `${path}.${process.pid}`
  writeFileSync(own, JSON.stringify([holderOf(process.pid)]))
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function write(path, holders) {
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, JSON.stringify(holders))
  renameSync(aside, path)
}

// Two may notice the same death: the second one then moves away a living lock, sees that, and puts it back.
function removeDead(path, dead) {
  const aside = `${path}.dead.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (JSON.stringify(readHolders(aside)) !== JSON.stringify(dead)) {
    try {
      linkSync(aside, path)
    } catch {
      // Somebody took it in this instant; both run, and each ends with the same files.
    }
  }
  rmSync(aside, { force: true })
}

function readHolders(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return error instanceof SyntaxError ? [] : undefined
  }
}

function holderOf(pid) {
  return { pid, started: startOf(pid) }
}

function lives({ pid, started }) {
  try {
    if (pid <= 0) return false
    process.kill(pid, 0)
    return startOf(pid) === started
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// When the process began, where the system says so: it tells a recycled number apart, and one that has ended and is
// only not forgotten yet.
function startOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
