// `npm run demo`: the whole mission in the terminal, against the server that runs on the data directory, or against one
// that is started for it and stopped again.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { passSignalsOn } from './child.mjs'
import { ensureInstalled } from './install.mjs'
import { withProgress } from './progress.mjs'
import { findServer, startServer } from './server-process.mjs'

const HELP = `Usage: npm run demo -- [story] [flags]

Creates an order, pays it with a test card, verifies the webhook, refunds it in two parts, is refused a third, and
writes the receipt; every exchange is shown. Uses the server that runs (npm start), or starts one for the time being.
The exit code is 0 only if everything was as it must be.

  juspay                  the same money by the vendor's steps: as an app and a server written for Juspay take them,
                          with the events that the app's SDK tells

  --data-dir ./elsewhere  of the server (PURSER_DATA_DIR, else ./.purser)
  --output .              where the receipt is written (the folder demo in the data directory)
  --help                  this text

Examples:
  npm run demo
  npm run demo -- juspay
  npm run demo -- --output .
`

async function demo({ values, positionals }) {
  const dataDir = resolve(values['data-dir'] ?? process.env.PURSER_DATA_DIR ?? './.purser')
  const stopPassing = passSignalsOn()
  await ensureInstalled()
  await ensureBuilt()
  const running = await findServer(dataDir)
  const own =
    running === undefined
      ? await withProgress('No server runs here: starting one', () => startServer(dataDir, ['--port', '0']))
      : undefined
  stopPassing()
  try {
    // Not a literal: it is there only now, and the type-checker reads this before anything was built.
    const { main } = await import(new URL('../packages/cli/dist/main.js', import.meta.url).href)
    const output = values.output === undefined ? [] : ['--output', values.output]
    process.exitCode = await main(['demo', ...positionals, '--data-dir', dataDir, ...output])
  } finally {
    await own?.stop()
  }
}

try {
  const text = { type: /** @type {const} */ ('string') }
  const options = { 'data-dir': text, output: text, help: { type: /** @type {const} */ ('boolean') } }
  const given = parseArgs({ options, allowPositionals: true })
  if (given.values.help === true) process.stdout.write(HELP)
  else await demo(given)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
