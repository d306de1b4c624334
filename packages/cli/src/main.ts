#!/usr/bin/env node
// The `purser` command, for laptops: it speaks to a running server over HTTP and nothing else. What needs the database
// is a sub-command of the server itself (`npm start -- migrate`).
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { addDemoCommand } from './commands/demo.ts'

/** Runs one command and resolves with its exit code. `argv` is what follows the program's name. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('purser')
    .description('Works with a running Purser server.')
    .exitOverride()
    .showHelpAfterError('(purser --help shows what there is)')
  addDemoCommand(program, (exitCode) => {
    code = exitCode
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    // Commander has already said what was wrong; help and version are no failures.
    if (error instanceof CommanderError) return error.exitCode
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

const script = process.argv[1]
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2))
}
