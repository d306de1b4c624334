// Runs a program to its end. Children do not outlive this process: whoever is stopped here stops them, too.
import { spawn } from 'node:child_process'

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()

process.on('exit', () => killChildren())

/** Kills what still runs; also called when this process ends. */
export function killChildren() {
  for (const child of children) child.kill('SIGKILL')
}

/** Until the returned function is called, a signal to this process ends its children first. */
export function passSignalsOn() {
  const stop = (signal) => {
    killChildren()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, stop)
  return () => {
    for (const signal of signals) process.off(signal, stop)
  }
}

/**
 * Runs `node script args…`, or any program, and resolves when it has ended and its output is read.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, deadlineMs?: number, shell?: boolean,
 *   onStart?: (pid: number) => void }} options `show` lets the output through instead of keeping it
 * @returns {Promise<{ ok: boolean, output: string, reason: string }>} `reason`: why it is not ok
 */
export function run(program, args, options = {}) {
  const { show = false, deadlineMs, onStart, ...rest } = options
  return new Promise((resolve) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
    const child = spawn(program, args, { ...rest, stdio })
    const chunks = []
    let late = false
    const timer = deadlineMs === undefined ? undefined : setTimeout(expire, deadlineMs)
    function expire() {
      late = true
      child.kill('SIGKILL')
    }
    const finish = (reason) => {
      clearTimeout(timer)
      children.delete(child)
      resolve({ ok: reason === '', output: Buffer.concat(chunks).toString('utf8'), reason })
    }
    children.add(child)
    if (child.pid !== undefined) onStart?.(child.pid)
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => finish(error.message))
    child.on('close', (code, signal) => {
      if (late) finish(`stopped: it took longer than ${Math.round((deadlineMs ?? 0) / 1000)} s`)
      else finish(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`)
    })
  })
}
