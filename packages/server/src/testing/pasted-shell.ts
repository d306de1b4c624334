// The shell of a document, run as a reader would paste it, in a folder with a demo.json of the server. Machines without
// curl get a stand-in that knows the flags that the documents use and no more.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOf } from './project-source.ts'
import type { TestServer } from './start-server.ts'

export type PastedShell = {
  /** Rejects when a command fails. */
  run(script: string): Promise<{ readonly out: string; readonly error: string }>
  close(): Promise<void>
}

export async function openPastedShell({ demo }: Pick<TestServer, 'demo'>): Promise<PastedShell> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-pasted-'))
  await mkdir(join(folder, '.purser'))
  await writeFile(join(folder, '.purser', 'demo.json'), JSON.stringify(demo))
  if (!(await hasCurl())) await writeStandIn(join(folder, 'bin'))
  return {
    run: (script) => runShell(folder, script),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The first block of shell below a heading of second order. */
export function shellUnder(path: string, heading: string): string {
  const [, section] = textOf(path).split(`\n## ${heading}\n`)
  const block = /```sh\n([^]*?)```/.exec(section?.split('\n## ')[0] ?? '')?.[1]
  if (block === undefined) throw new Error(`${path} has no block of shell under "${heading}".`)
  return block
}

function hasCurl(): Promise<boolean> {
  return new Promise((resolve) => execFile('curl', ['--version'], (failure) => resolve(failure === null)))
}

async function writeStandIn(bin: string): Promise<void> {
  const program = `#!${process.execPath}
const given = { H: [] }
const args = process.argv.slice(2)
while (args.length > 0) {
  const [argument] = args.splice(0, 1)
  if (argument === '-sSw') given.w = args.shift()
  else if (argument === '-H') given.H.push(args.shift().split(/: (.*)/s).slice(0, 2))
  else if (argument === '-d') given.d = args.shift()
  else given.url = argument
}
const method = given.d === undefined ? 'GET' : 'POST'
const answer = await fetch(given.url, { method, headers: given.H, body: given.d })
process.stdout.write((await answer.text()) + given.w.replaceAll('\\\\n', '\\n'))
`
  await mkdir(bin)
  await writeFile(join(bin, 'curl.mjs'), program)
  await writeFile(join(bin, 'curl'), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, 'curl.mjs')}' "$@"\n`)
  await chmod(join(bin, 'curl'), 0o755)
}

function runShell(folder: string, script: string): Promise<{ readonly out: string; readonly error: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${join(folder, 'bin')}` }
    const shell = execFile('sh', ['-e'], { cwd: folder, timeout: 20_000, env }, (failure, out, error) => {
      if (failure === null) resolve({ out, error })
      else reject(new Error(`${failure.message}\n${out}\n${error}`))
    })
    // As pasted: read from the terminal, line by line.
    shell.stdin?.end(script)
  })
}
