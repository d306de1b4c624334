// `npm run bench`: how fast it is, always as a ratio to a baseline of the same minute. Loopback only, bounded in time.
import { parseArgs } from 'node:util'
import { measureOrders, measurePage, measurePayments, measureStart } from './bench/measure.mjs'
import { pageRows, rateRows, startRows, tableOf, writeSection } from './bench/report.mjs'
import { ensureBuilt } from './build.mjs'
import { passSignalsOn } from './child.mjs'
import { ensureInstalled } from './install.mjs'

const HELP = `Usage: npm run bench -- orders | payments | start | page | all [flags]

  orders      durable POST /v1/orders per second, against the same rows written by pgbench or the bare driver
  payments    whole payments per second: order, session, paid, notification in, webhook received
  start       npm start on an existing data directory, to /health/ready
  page        the payment page in Chromium: what it loads, and how soon it can be used
  all         the four, one after the other

  --seconds 5   of each measurement
  --rounds 3    baseline and Purser in turn; the median counts
  --no-write    leaves docs/performance.md alone
  --help        this text

Examples:
  npm run bench -- orders
  npm run bench -- all --seconds 10 --rounds 5
`

const measurements = {
  orders: {
    title: 'Orders',
    measure: async (options) => rateRows('orders', await measureOrders(options)),
  },
  payments: {
    title: 'Whole payments',
    measure: async (options) => rateRows('payments', await measurePayments(options)),
  },
  start: { title: 'Start', measure: async (options) => startRows(await measureStart(options)) },
  page: { title: 'Payment page', measure: async () => pageRows(await measurePage()) },
}

async function bench(names, { seconds, rounds, write }) {
  passSignalsOn()
  await ensureInstalled()
  await ensureBuilt()
  for (const name of names) {
    const { title, measure } = measurements[name]
    process.stdout.write(`\n${title}\n`)
    const rows = await measure({ seconds, rounds, tell: (line) => process.stdout.write(`${line}\n`) })
    const width = Math.max(...Object.keys(rows).map((row) => row.length))
    for (const [row, value] of Object.entries(rows)) process.stdout.write(`${row.padEnd(width)}  ${value}\n`)
    if (write) writeSection(name, title, tableOf(rows))
  }
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [seconds, rounds] = [values.seconds, values.rounds].map((text) => Number.parseInt(text, 10))
  const known = Object.keys(measurements)
  const names = positionals[0] === 'all' ? known : positionals
  const fine =
    seconds >= 1 && seconds <= 60 && rounds >= 1 && rounds <= 20 && names.every((name) => known.includes(name))
  if (values.help || names.length === 0 || !fine) return undefined
  return { names, seconds, rounds, write: !values['no-write'] }
}

try {
  const given = readArguments()
  if (given === undefined) {
    process.stdout.write(HELP)
    process.exitCode = process.argv.includes('--help') ? 0 : 2
  } else {
    await bench(given.names, given)
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
