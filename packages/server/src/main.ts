// The program: reads the settings, gets a database, brings it up to date, starts everything, and stops it again. The
// only file that reads the environment and the only one that talks to the terminal.
import { constants } from 'node:fs'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { compose } from './compose.ts'
import type { Runtime } from './compose.ts'
import { ConfigError, readConfig } from './config.ts'
import type { Config } from './config.ts'
import { addJuspayKeys } from './demo-juspay.ts'
import { ensureDemo } from './demo-merchant.ts'
import { startDemoShop } from './demo-shop.ts'
import type { DemoShop } from './demo-shop.ts'
import type { DemoFile } from './demo-merchant.ts'
import { diagnose } from './doctor.ts'
import { delay, systemClock } from './kernel/clock.ts'
import { invariant } from './kernel/errors.ts'
import { systemRandomness } from './kernel/random.ts'

import type { TlsFiles } from './http/tls-listener.ts'
import { migrateSandbox } from './sandbox-gateway/index.ts'
import type { ConnectionOptions } from './store/db.ts'
import { claimDataDirectory, EmbeddedPostgresError, superviseEmbeddedPostgres } from './store/embedded/index.ts'
import type { DataDirectoryClaim, EmbeddedCluster } from './store/embedded/index.ts'
import { migrate } from './store/migrate.ts'
import { startScreen } from './start-screen.ts'
import { readTlsFiles } from './tls-files.ts'
import { verifyCommand } from './verify-command.ts'

const COMMANDS = ['serve', 'migrate', 'doctor', 'verify'] as const
type Command = (typeof COMMANDS)[number]

/** Resolves when the server has stopped, or the command is done. Problems are told on stderr; the exit code says so. */
export async function main(argv: readonly string[]): Promise<void> {
  const named = COMMANDS.find((command) => command === argv[0])
  try {
    const config = readConfig(process.env, named === undefined ? argv : argv.slice(1))
    await run(named ?? 'serve', config)
  } catch (error) {
    process.exitCode = 1
    if (error instanceof ConfigError || error instanceof EmbeddedPostgresError) say(error.message)
    else say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

async function run(command: Command, config: Config): Promise<void> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  if (command === 'verify') return verify(config)
  const tlsFiles = command === 'serve' && config.tls !== undefined ? await readTlsFiles(config.tls) : undefined
  const claim = await claimWhenFree(config.dataDir)
  const database = await openDatabase(config, claim)
  try {
    if (command === 'doctor') {
      for (const line of await diagnose(config, database.admin)) say(line)
      return
    }
    await prepareDatabase(database)
    if (command === 'migrate') return say('The database is up to date.')
    await serve(config, { database, tlsFiles }, claim)
  } finally {
    await database.cluster?.stop()
    claim.release()
  }
}

async function verify(config: Config): Promise<void> {
  const claim = await claimForVerify(config)
  let database: Database | undefined
  try {
    database = await openDatabase(config, claim)
    const { admin, connection } = database
    const isWell = await verifyCommand(
      { admin, connection, dataDir: config.dataDir, isRunning: claim === undefined },
      say,
    )
    if (!isWell) process.exitCode = 1
  } finally {
    await database?.cluster?.stop()
    claim?.release()
  }
}

/** Undefined while a Purser runs here: its database can be looked at all the same when it is not the embedded one. */
async function claimForVerify(config: Config): Promise<DataDirectoryClaim | undefined> {
  if (config.databaseUrl === undefined) return claimWhenFree(config.dataDir)
  return claimDataDirectory(config.dataDir).catch((error: unknown) => {
    if (error instanceof EmbeddedPostgresError && error.code === 'data_directory_in_use') return undefined
    throw error
  })
}

// A Purser whose npm was killed a moment ago is just stopping, and lets go within this time.
const STOPPING_MS = 3_000
const LOOK_AGAIN_MS = 100

async function claimWhenFree(dataDir: string): Promise<DataDirectoryClaim> {
  const deadline = systemClock.monotonicMs() + STOPPING_MS
  for (;;) {
    try {
      return await claimDataDirectory(dataDir)
    } catch (error) {
      const inUse = error instanceof EmbeddedPostgresError && error.code === 'data_directory_in_use'
      if (!inUse || systemClock.monotonicMs() > deadline) throw error
      await delay(LOOK_AGAIN_MS)
    }
  }
}

type Database = {
  readonly cluster: EmbeddedCluster | undefined
  /** For the migrator alone. */
  readonly admin: pg.ClientConfig
  readonly connection: ConnectionOptions
}

const DATABASE = 'purser'

async function openDatabase(config: Config, claim: DataDirectoryClaim | undefined): Promise<Database> {
  const common = { prepare: config.prepare, poolSize: config.poolSize }
  if (config.databaseUrl !== undefined) {
    const connectionString = config.databaseUrl.reveal()
    return {
      cluster: undefined,
      admin: { connectionString },
      connection: { connectionString, login: 'assume_role', ...common },
    }
  }
  invariant(claim !== undefined, 'The embedded database is started by whoever holds the data directory.')
  const cluster = await superviseEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres'), claim, progress: say })
  const { host, port, superuser } = cluster
  const password = cluster.password === undefined ? {} : { password: cluster.password }
  await createDatabase({ host, port, user: superuser, database: 'postgres', ...password })
  return {
    cluster,
    admin: { host, port, user: superuser, database: DATABASE, ...password },
    connection: { host, port, database: DATABASE, login: 'as_role', ...password, ...common },
  }
}

async function createDatabase(target: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(target)
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

async function prepareDatabase(database: Database): Promise<void> {
  await migrate(database.admin)
  const pool = new pg.Pool({ ...database.admin, max: 1 })
  try {
    await migrateSandbox(pool)
  } finally {
    await pool.end()
  }
}

type Parts = { readonly database: Database; readonly tlsFiles: TlsFiles | undefined }

async function serve(config: Config, { database, tlsFiles }: Parts, claim: DataDirectoryClaim): Promise<void> {
  const log = pino(
    { level: config.logLevel, base: null },
    // In the demo the terminal is for people; a service's log goes where services log.
    config.demo ? pino.destination({ dest: join(config.dataDir, 'purser.log'), sync: false }) : undefined,
  )
  // A database that was away is back: what came due meanwhile is worked on by the next look of each queue.
  database.cluster?.onExit(({ signal }) => log.error({ signal }, 'The embedded database died and is started again.'))
  const runtime = await compose({
    connection: database.connection,
    masterKey: await masterKeyOf(config),
    allowTargets: config.allowTargets,
    live: config.live,
    rateLimit: config.rateLimit,
    trustedProxies: config.trustedProxies,
    log,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    ...(config.metricsToken === undefined ? {} : { metricsToken: config.metricsToken }),
  })
  const stopping = stopSignal()
  let shop: DemoShop | undefined
  try {
    let demo: DemoFile | undefined
    const baseUrl = await listen(runtime, config, tlsFiles, async (url) => {
      demo = config.demo ? await ensureDemo(runtime, config.dataDir, url, addJuspayKeys) : undefined
      claim.announce(url)
    })
    // "The next port" of any port that happens to be free is nobody's to know: tests and benches have no shop.
    if (demo !== undefined && config.port !== 0)
      shop = await startDemoShop(join(config.dataDir, 'demo.json'), baseUrl, runtime.deps.log)
    process.stdout.write(startScreen({ baseUrl, dataDir: config.dataDir, demo, shopUrl: shop?.url }))
    log.info({ base_url: baseUrl, demo: config.demo, live: config.live }, 'Ready.')
    await stopping
    log.info({}, 'Stopping.')
  } finally {
    shop?.stop()
    await runtime.close()
  }
}

async function listen(
  runtime: Runtime,
  { host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>,
  files: TlsFiles | undefined,
  prepare: (baseUrl: string) => Promise<void>,
): Promise<string> {
  try {
    const address = { host, port }
    if (tls === undefined || files === undefined) return await runtime.listen(address, prepare)
    return await runtime.listen({ ...address, tls: { ...files, port: tls.port } }, prepare)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    const isTls = 'port' in error && error.port === tls?.port
    const taken = isTls ? (tls?.port ?? port) : port
    const flag = isTls ? '--tls-port' : '--port'
    throw new ConfigError([
      `Port ${taken} on ${host} is taken by another program. Stop it, or choose another: npm start -- ${flag} ${taken + 1}`,
    ])
  }
}

/** In the demo made once, readable by its owner alone; live mode never gets here without one (config.ts). */
async function masterKeyOf(config: Config): Promise<Buffer> {
  if (config.masterKey !== undefined) return Buffer.from(config.masterKey.reveal(), 'hex')
  const path = join(config.dataDir, 'master.key')
  try {
    await access(path, constants.R_OK)
  } catch {
    const partial = `${path}.${process.pid}`
    await writeFile(partial, systemRandomness.bytes(32).toString('hex'), { mode: 0o600 })
    await rename(partial, path)
  }
  return Buffer.from((await readFile(path, 'utf8')).trim(), 'hex')
}

// npm passes on a Ctrl-C that the terminal has sent us already: only a signal that comes later is impatience.
const IMPATIENT_AFTER_MS = 1_000

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let askedMs: number | undefined
    const stop = () => {
      const nowMs = systemClock.monotonicMs()
      if (askedMs !== undefined && nowMs - askedMs > IMPATIENT_AFTER_MS) process.exit(1)
      askedMs ??= nowMs
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  })
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
