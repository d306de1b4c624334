// `purser demo`: the main job end to end against a running demo server, told step by step. Exit code 0 only if every
// claim was true.
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Command } from 'commander'
import { createApi } from '../demo/api.ts'
import { createNarrator } from '../demo/narrator.ts'
import { openReceiver } from '../demo/receiver.ts'
import { tellStory } from '../demo/story.ts'
import { readDemoFile } from '../demo-file.ts'

type Options = { readonly dataDir: string; readonly output?: string }

const EXAMPLES = `
Examples:
  purser demo                          against the server of ./.purser
  purser demo --data-dir /tmp/other    against another one
  purser demo --output .               with the receipt in this folder
`

export function addDemoCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('demo')
    .description('Pays an order, refunds it and fetches the receipt, showing every exchange.')
    .option('--data-dir <folder>', "the server's data directory", './.purser')
    .option('--output <folder>', 'where the receipt is written (the folder demo in the data directory)')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => finish(await runDemo(options)))
}

async function runDemo(options: Options): Promise<number> {
  const dataDir = resolve(options.dataDir)
  const demo = await readDemoFile(dataDir)
  if (demo === undefined) {
    throw new Error(`There is no demo.json in ${dataDir}. Start the server first (npm start), in demo mode.`)
  }
  const out = process.stdout
  const narrator = createNarrator((text) => out.write(text), out.isTTY && process.env['NO_COLOR'] === undefined)
  const began = performance.now()
  out.write(`Purser at ${demo.base_url}, merchant ${demo.merchant_id}\n`)
  const receiver = await openReceiver()
  try {
    await tellStory({
      narrator,
      receiver,
      merchant: createApi(demo.base_url, demo.secret_key, narrator),
      payerWith: (clientToken) => createApi(demo.base_url, clientToken, narrator),
      folder: options.output === undefined ? join(dataDir, 'demo') : resolve(options.output),
      reference: `demo-${randomBytes(4).toString('hex')}`,
    })
  } finally {
    await receiver.close()
  }
  const failures = narrator.failures()
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  out.write(failures === 0 ? `\nAll true, in ${seconds} s.\n` : `\n${failures} not true.\n`)
  return failures === 0 ? 0 : 1
}
