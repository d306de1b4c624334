// Every setting, its meaning and its default, as environment variable and command-line flag. Nothing else reads
// process.env. docs/reference/configuration.md and the help text are generated from SETTINGS. A problem names the
// setting and what it must be, never the value: that may be a password.
import { resolve } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Secret } from './kernel/secret.ts'
import { secret } from './kernel/secret.ts'
import { nearestName } from './nearest-name.ts'

const OnOff = { enum: ['on', 'off'] as ('on' | 'off')[] }
const HEX_KEY = '[0-9a-fA-F]{64}'
const BASE64_KEY = '[A-Za-z0-9+/]{43}='
const CIDR = '[0-9a-fA-F.:]+/\\d{1,3}'
const CIDRS = `^(${CIDR}(,\\s*${CIDR})*)?$`
const LOOPBACK = ['127.0.0.0/8', '::1/128'] as const

// `mustBe` ends the sentence "PURSER_X must be …"; `instead` says what holds where a setting has no fixed default.
// No flag where the value is a secret: a command line can be read by everyone on the machine.
const SETTINGS_SCHEMA = Type.Object({
  PURSER_PORT: Type.Integer({
    description: 'Port of everything that Purser serves. 0 takes any free one.',
    mustBe: 'a whole number from 0 to 65535',
    default: 7300,
    minimum: 0,
    maximum: 65535,
  }),
  PURSER_HOST: Type.String({
    description: 'Address to listen on. Use 0.0.0.0 to be reached from other machines.',
    mustBe: 'an IP address or a host name',
    default: '127.0.0.1',
    pattern: '^[A-Za-z0-9:.%_-]{1,255}$',
  }),
  PURSER_TLS_CERT: Type.Optional(
    Type.String({
      description: 'File with the certificate, and its chain, that the API is served with over TLS as well.',
      mustBe: 'the path of a file in PEM form',
      instead: 'there is no TLS port',
      minLength: 1,
    }),
  ),
  PURSER_TLS_KEY: Type.Optional(
    Type.String({
      description: 'File with the private key of that certificate.',
      mustBe: 'the path of a file in PEM form',
      instead: 'there is no TLS port',
      minLength: 1,
    }),
  ),
  PURSER_TLS_PORT: Type.Integer({
    description: 'Port of the API over TLS, once there are a certificate and a key. 0 takes any free one.',
    mustBe: 'a whole number from 0 to 65535',
    default: 7343,
    minimum: 0,
    maximum: 65535,
  }),
  PURSER_DATA_DIR: Type.String({
    description:
      'Directory of the embedded database, demo.json and keys. Relative paths start at the working directory.',
    mustBe: 'the path of a directory',
    default: './.purser',
    minLength: 1,
  }),
  DATABASE_URL: Type.Optional(
    Type.String({
      description: 'A PostgreSQL server of your own. Its login needs the right to create roles at the first start.',
      mustBe: 'a URL that begins with postgres:// or postgresql://',
      instead: 'Purser runs an embedded PostgreSQL in the data directory',
      secret: true,
      pattern: '^postgres(ql)?://',
    }),
  ),
  PURSER_MASTER_KEY: Type.Optional(
    Type.String({
      description:
        'Wraps the keys under which secrets are stored. Whoever loses it loses them. `openssl rand -hex 32` makes one.',
      mustBe: '32 bytes as 64 hexadecimal digits or as base64',
      instead:
        'made once and kept in the data directory; with PURSER_LIVE=on there is none, and Purser refuses to start',
      secret: true,
      pattern: `^(${HEX_KEY}|${BASE64_KEY})$`,
    }),
  ),
  PURSER_PUBLIC_URL: Type.Optional(
    Type.String({
      description:
        'Where payers and gateways reach this server: scheme, host and port. Used in every link Purser hands out.',
      mustBe: 'an http or https address without path, query or user name',
      instead: 'the address it listens on',
      pattern: '^https?://[^/?#@\\s]+/?$',
    }),
  ),
  PURSER_LIVE: Type.String({
    ...OnOff,
    description:
      'Whether live keys, which move real money, can be made and used. Needs PURSER_MASTER_KEY and an https PURSER_PUBLIC_URL.',
    mustBe: 'on or off',
    default: 'off',
  }),
  PURSER_DEMO: Type.Optional(
    Type.String({
      ...OnOff,
      description: 'Whether a demo merchant in test mode and demo.json are made, once, in the data directory.',
      mustBe: 'on or off',
      instead: 'on while PURSER_LIVE is off',
    }),
  ),
  PURSER_ALLOW_TARGETS: Type.String({
    description:
      'Address ranges that webhooks may go to although they are private, and over plain http. The demo adds loopback.',
    mustBe: 'a list of address ranges such as 10.0.0.0/8,fd00::/8',
    default: '',
    pattern: CIDRS,
  }),
  PURSER_TRUSTED_PROXIES: Type.String({
    description: 'Reverse proxies whose word on the address of a client (X-Forwarded-For) is believed.',
    mustBe: 'a list of address ranges such as 10.0.0.0/8,fd00::/8',
    default: '',
    pattern: CIDRS,
  }),
  PURSER_METRICS_TOKEN: Type.Optional(
    Type.String({
      description: 'Opens /metrics to whoever sends it as a bearer token.',
      mustBe: '16 to 256 printable characters without spaces',
      instead: 'only this machine may read /metrics',
      secret: true,
      pattern: '^[!-~]{16,256}$',
    }),
  ),
  PURSER_RATE_LIMIT: Type.Integer({
    description: 'Requests that one key, user or session may make in a minute.',
    mustBe: 'a whole number from 1 to 100000000',
    default: 120_000,
    minimum: 1,
    maximum: 100_000_000,
  }),
  PURSER_LOG_LEVEL: Type.String({
    description: 'The least serious line that is still logged.',
    mustBe: 'one of silent, fatal, error, warn, info, debug, trace',
    default: 'info',
    enum: ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as LogLevel[],
  }),
  PURSER_POOL_SIZE: Type.Integer({
    description: 'Database connections for requests. The queues take a quarter as many besides.',
    mustBe: 'a whole number from 1 to 500',
    default: 10,
    minimum: 1,
    maximum: 500,
  }),
  PURSER_PREPARE: Type.Optional(
    Type.String({
      ...OnOff,
      description: 'Whether statements are prepared under a name. Off behind a pooler that does not know them.',
      mustBe: 'on or off',
      instead: 'on with the embedded database, off with DATABASE_URL',
    }),
  ),
})

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'

export type Config = {
  readonly port: number
  readonly host: string
  /** Absolute paths of PEM files. Absent: TLS is not listened for. */
  readonly tls: { readonly cert: string; readonly key: string; readonly port: number } | undefined
  /** Absolute. */
  readonly dataDir: string
  /** Absent: the embedded database. */
  readonly databaseUrl: Secret | undefined
  /** 64 hexadecimal digits. Absent: made once and kept in the data directory. */
  readonly masterKey: Secret | undefined
  /** Without a trailing slash. Absent: the address it listens on. */
  readonly publicUrl: string | undefined
  readonly live: boolean
  readonly demo: boolean
  /** CIDRs, loopback included in the demo. */
  readonly allowTargets: readonly string[]
  /** CIDRs. */
  readonly trustedProxies: readonly string[]
  readonly metricsToken: Secret | undefined
  /** Requests per credential and minute. */
  readonly rateLimit: number
  readonly logLevel: LogLevel
  readonly poolSize: number
  readonly prepare: boolean
}

export type Setting = {
  readonly name: string
  /** `--port`; absent for what must not stand on a command line. */
  readonly flag: string | undefined
  readonly description: string
  /** Ends the sentence "must be …". */
  readonly mustBe: string
  /** What holds when it is not set, in words. */
  readonly otherwise: string
}

type Annotations = {
  description: string
  mustBe: string
  default?: string | number
  instead?: string
  secret?: boolean
}

/** For the help text and the configuration reference; in the order in which they are best read. */
export const SETTINGS: readonly Setting[] = Object.entries(SETTINGS_SCHEMA.properties).map(([name, schema]) => {
  // The schema's own type does not tell of the annotations above.
  const { description, mustBe, default: fixed, instead, secret } = schema as unknown as Annotations
  const flag = secret === true ? undefined : `--${name.replace('PURSER_', '').toLowerCase().replaceAll('_', '-')}`
  return { name, flag, description, mustBe, otherwise: instead ?? (fixed === '' ? 'none' : String(fixed)) }
})

/** The start cannot go on; `problems` are sentences for the operator, all of them at once, without any value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

type Given = Record<string, string>

/** Reads environment and flags (argv without node, script and sub-command); a flag wins. @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Config {
  const problems: string[] = []
  const given = { ...readEnvironment(env, problems), ...readFlags(argv, problems) }
  const values = Value.Default(SETTINGS_SCHEMA, withIntegers(given))
  if (Value.Check(SETTINGS_SCHEMA, values)) {
    problems.push(...conflicts(values))
    if (problems.length === 0) return Object.freeze(configOf(values))
  } else {
    const wrong = new Set(Value.Errors(SETTINGS_SCHEMA, values).map((error) => error.instancePath.split('/')[1]))
    problems.push(...SETTINGS.filter((it) => wrong.has(it.name)).map((it) => `${it.name} must be ${it.mustBe}.`))
  }
  throw new ConfigError(problems)
}

type Values = Type.Static<typeof SETTINGS_SCHEMA>

// The library's own conversion would take 80.5 and 1e3 for port numbers; what is not plain digits stays a text, and
// the schema then refuses it.
function withIntegers(given: Given): Record<string, string | number> {
  const { properties } = SETTINGS_SCHEMA
  const read = ([name, value]: [string, string]) => {
    const wanted = Type.IsInteger(properties[name as keyof typeof properties]) && /^\d{1,9}$/.test(value)
    return [name, wanted ? Number.parseInt(value, 10) : value]
  }
  return Object.fromEntries(Object.entries(given).map(read))
}

function readEnvironment(env: Readonly<Record<string, string | undefined>>, problems: string[]): Given {
  const known = SETTINGS.map((setting) => setting.name)
  const given: Given = {}
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (!known.includes(name)) {
      if (name.startsWith('PURSER_')) problems.push(`${name} is no setting. Did you mean ${nearestName(name, known)}?`)
    } else if (value.trim() === '') {
      problems.push(`${name} is set but empty. Unset it, or give it a value.`)
    } else {
      given[name] = value
    }
  }
  return given
}

function readFlags(argv: readonly string[], problems: string[]): Given {
  const names = new Map(SETTINGS.flatMap(({ flag, name }) => (flag === undefined ? [] : [[flag, name] as const])))
  const given: Given = {}
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] as string
    if (!argument.startsWith('--')) {
      problems.push(`Argument ${at + 1} is no flag. Flags look like --port 8000.`)
      continue
    }
    const [flag = '', ...rest] = argument.split('=')
    const name = names.get(flag)
    const value = rest.length > 0 ? rest.join('=') : argv[at + 1]
    const separate = rest.length === 0 && value !== undefined && !value.startsWith('--')
    if (separate) at += 1
    if (name === undefined) {
      problems.push(`${flag} is no flag. Did you mean ${nearestName(flag, [...names.keys()])}?`)
    } else if (value === undefined || value === '' || (rest.length === 0 && !separate)) {
      problems.push(`${flag} needs a value.`)
    } else if (given[name] !== undefined) {
      problems.push(`${flag} is given twice.`)
    } else {
      given[name] = value
    }
  }
  return given
}

// What no single setting can say. Live mode must not come up by half.
function conflicts(values: Values): string[] {
  const problems: string[] = []
  const refuse = (when: boolean, problem: string) => (when ? problems.push(problem) : 0)
  const live = values.PURSER_LIVE === 'on'
  const masterKey = values.PURSER_MASTER_KEY === undefined ? undefined : masterKeyBytes(values.PURSER_MASTER_KEY)
  refuse(
    masterKey !== undefined && masterKey.every((byte) => byte === masterKey[0]),
    'PURSER_MASTER_KEY is one byte repeated. Make one with `openssl rand -hex 32`.',
  )
  refuse(
    (values.PURSER_TLS_CERT === undefined) !== (values.PURSER_TLS_KEY === undefined),
    'PURSER_TLS_CERT and PURSER_TLS_KEY need each other: set both or neither.',
  )
  refuse(live && masterKey === undefined, 'PURSER_LIVE=on needs PURSER_MASTER_KEY.')
  refuse(live && !values.PURSER_PUBLIC_URL?.startsWith('https://'), 'PURSER_LIVE=on needs an https PURSER_PUBLIC_URL.')
  refuse(live && values.PURSER_DEMO === 'on', 'PURSER_LIVE=on and PURSER_DEMO=on exclude each other.')
  return problems
}

function configOf(values: Values): Config {
  const live = values.PURSER_LIVE === 'on'
  const demo = values.PURSER_DEMO === undefined ? !live : values.PURSER_DEMO === 'on'
  const targets = listOf(values.PURSER_ALLOW_TARGETS)
  const { DATABASE_URL: databaseUrl, PURSER_MASTER_KEY: masterKey, PURSER_PREPARE: prepare } = values
  const metricsToken = values.PURSER_METRICS_TOKEN
  return {
    port: values.PURSER_PORT,
    host: values.PURSER_HOST,
    tls: tlsOf(values),
    dataDir: resolve(values.PURSER_DATA_DIR),
    databaseUrl: databaseUrl === undefined ? undefined : secret(databaseUrl),
    masterKey: masterKey === undefined ? undefined : secret(masterKeyBytes(masterKey).toString('hex')),
    publicUrl: values.PURSER_PUBLIC_URL?.replace(/\/$/, ''),
    live,
    demo,
    allowTargets: demo ? [...new Set([...targets, ...LOOPBACK])] : targets,
    trustedProxies: listOf(values.PURSER_TRUSTED_PROXIES),
    metricsToken: metricsToken === undefined ? undefined : secret(metricsToken),
    rateLimit: values.PURSER_RATE_LIMIT,
    logLevel: values.PURSER_LOG_LEVEL as LogLevel,
    poolSize: values.PURSER_POOL_SIZE,
    prepare: prepare === undefined ? databaseUrl === undefined : prepare === 'on',
  }
}

function tlsOf({ PURSER_TLS_CERT: cert, PURSER_TLS_KEY: key, PURSER_TLS_PORT: port }: Values): Config['tls'] {
  return cert === undefined || key === undefined ? undefined : { cert: resolve(cert), key: resolve(key), port }
}

function listOf(text: string): readonly string[] {
  return text.split(',').flatMap((it) => (it.trim() === '' ? [] : [it.trim()]))
}

function masterKeyBytes(text: string): Buffer {
  return Buffer.from(text, text.length === 64 ? 'hex' : 'base64')
}
