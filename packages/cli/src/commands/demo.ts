// `purser demo`: the main job end to end against a running demo server, told step by step: by our own API, or as
// software written for another one does it. Exit code 0 only if every claim was true.
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Argument } from 'commander'
import type { Command } from 'commander'
import { createApi } from '../demo/api.ts'
import { createJuspayApi } from '../demo/juspay-api.ts'
import { tellJuspayStory } from '../demo/juspay-story.ts'
import { createNarrator } from '../demo/narrator.ts'
import { openReceiver } from '../demo/receiver.ts'
import { tellStory } from '../demo/story.ts'
import type { Narrator } from '../demo/narrator.ts'
import { readDemoFile } from '../demo-file.ts'
import type { DemoFile } from '../demo-file.ts'

const STORIES = ['own', 'juspay'] as const
type Story = (typeof STORIES)[number]
type Options = { readonly dataDir: string; readonly output?: string }

const EXAMPLES = `
Examples:
  purser demo                          against the server of ./.purser
  purser demo juspay                   as an app and a server written for Juspay do it
  purser demo --data-dir /tmp/other    against another one
  purser demo --output .               with the receipt in this folder
`

export function addDemoCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('demo')
    .description('Pays an order and refunds it, showing every exchange.')
    .addArgument(
      new Argument('[story]', 'by our own API, or in the words of another one').choices(STORIES).default('own'),
    )
    .option('--data-dir <folder>', "the server's data directory", './.purser')
    .option('--output <folder>', 'where the receipt is written (the folder demo in the data directory)')
    .addHelpText('after', EXAMPLES)
    .action(async (story: Story, options: Options) => finish(await runDemo(story, options)))
}

async function runDemo(story: Story, options: Options): Promise<number> {
  const dataDir = resolve(options.dataDir)
  const demo = await readDemoFile(dataDir)
  if (demo === undefined) {
    throw new Error(`There is no demo.json in ${dataDir}. Start the server first (npm start), in demo mode.`)
  }
  const out = process.stdout
  const narrator = createNarrator((text) => out.write(text), out.isTTY && process.env['NO_COLOR'] === undefined)
  const began = performance.now()
  out.write(`Purser at ${demo.base_url}, merchant ${demo.merchant_id}\n`)
  const folder = options.output === undefined ? join(dataDir, 'demo') : resolve(options.output)
  await (story === 'juspay' ? tellInJuspaysWords(demo, narrator) : tellInOurs(demo, narrator, folder))
  const failures = narrator.failures()
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  out.write(failures === 0 ? `\nAll true, in ${seconds} s.\n` : `\n${failures} not true.\n`)
  return failures === 0 ? 0 : 1
}

async function tellInOurs(demo: DemoFile, narrator: Narrator, folder: string): Promise<void> {
  const receiver = await openReceiver()
  try {
    await tellStory({
      narrator,
      receiver,
      merchant: createApi(demo.base_url, demo.secret_key, narrator),
      payerWith: (clientToken) => createApi(demo.base_url, clientToken, narrator),
      folder,
      reference: `demo-${randomBytes(4).toString('hex')}`,
    })
  } finally {
    await receiver.close()
  }
}

async function tellInJuspaysWords(demo: DemoFile, narrator: Narrator): Promise<void> {
  narrator.plain('The steps are numbered as the vendor numbers them. Nothing of Juspay’s is called.')
  await tellJuspayStory({
    narrator,
    merchant: createJuspayApi(demo, demo.secret_key, narrator),
    app: createJuspayApi(demo, undefined, narrator),
    native: createApi(demo.base_url, demo.secret_key, narrator),
    merchantId: demo.merchant_id,
    responseKey: demo.response_key,
    clientId: demo.payment_page_client_id ?? 'demo',
    orderId: `DEMO${randomBytes(4).toString('hex').toUpperCase()}`,
  })
}
