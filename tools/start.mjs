// `npm start`: installs and builds what is not there yet, then becomes the server, in this same process. It leaves
// when its parent does: a `kill -9` of npm alone would otherwise leave a server that nobody sees or stops.
// Everything up to the version check is written for a Node that is too old, so that it can say so.
import { readFileSync } from 'node:fs'

const parent = process.ppid
const PARENT_LOOK_MS = 100
const LEAVE_WITHIN_MS = 10_000

const HELP = `Usage: npm start -- [flags]
       npm start -- migrate | doctor [flags]

Installs, builds, starts the database, and serves everything on one port. The first start takes about a minute,
later ones about a second. Ctrl-C stops it.

  --port 8000             port to listen on (7300); 0 takes any free one
  --host 0.0.0.0          address to listen on (127.0.0.1)
  --data-dir ./elsewhere  where the embedded database, keys and demo.json are (./.purser)
  --public-url https://…  where payers reach this server, for links
  --demo off              without the demo merchant
  --log-level debug       silent, fatal, error, warn, info, debug or trace
  --help                  this text

Examples:
  npm start                                  the demo, on http://127.0.0.1:7300
  npm start -- --port 8000                   the same elsewhere
  DATABASE_URL=postgres://… npm start        on a PostgreSQL of your own
  npm run demo                               a payment from order to receipt, in another terminal

Every setting, also as an environment variable: docs/reference/configuration.md
`

function refuseOldNode() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const needed = engines.node.replace('>=', '')
  const [major, minor] = needed.split('.').map(Number)
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return
  process.stderr.write(
    `Purser needs Node ${needed} or later; this is ${process.version}.\n` +
      'Install a newer one, for example from https://nodejs.org or with nvm: nvm install --lts\n',
  )
  process.exit(1)
}

// Asks ourselves to stop, once: the server takes a second signal of the same kind for impatience and ends at once.
let asked = false
function stop() {
  if (asked) return
  asked = true
  setTimeout(() => process.exit(1), LEAVE_WITHIN_MS).unref()
  process.kill(process.pid, 'SIGTERM')
}

// Under systemd or as the first process of a container the parent never changes. Started without npm, by a shell that
// may end, the server is meant to stay.
function leaveWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    stop()
  }, PARENT_LOOK_MS)
  look.unref()
}

async function start(argv) {
  const { passSignalsOn } = await import('./child.mjs')
  const { ensureInstalled } = await import('./install.mjs')
  const { ensureBuilt } = await import('./build.mjs')
  const stopPassing = passSignalsOn()
  await ensureInstalled()
  await ensureBuilt()
  stopPassing()
  // A closed terminal is a reason to stop cleanly, too.
  process.on('SIGHUP', stop)
  // Not a literal: it is there only now, and the type-checker reads this before anything was built.
  const { main } = await import(new URL('../packages/server/dist/main.js', import.meta.url).href)
  await main(argv)
}

refuseOldNode()
// A terminal or a log reader that is gone must not end the server before it has stopped cleanly.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const argv = process.argv.slice(2)
if (argv.includes('--help') || argv.includes('-h')) {
  process.stdout.write(HELP)
} else {
  leaveWithParent()
  start(argv).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
}
