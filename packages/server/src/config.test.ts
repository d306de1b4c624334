// Settings are read as an operator gives them: from an environment full of other things, and from a command line.
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, SETTINGS } from './config.ts'

const HEX = '00112233445566778899aabbccddeeff'.repeat(2)
const LIVE = { PURSER_LIVE: 'on', PURSER_MASTER_KEY: HEX, PURSER_PUBLIC_URL: 'https://pay.example.com' }

function problemsOf(env: Record<string, string>, argv: string[] = []): readonly string[] {
  try {
    readConfig(env, argv)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('defaults', () => {
  test('run a demo on this machine alone, on the embedded database', () => {
    expect(readConfig({ HOME: '/home/someone', PATH: '/bin' }, [])).toEqual({
      port: 7300,
      host: '127.0.0.1',
      tls: undefined,
      dataDir: resolve('.purser'),
      databaseUrl: undefined,
      masterKey: undefined,
      publicUrl: undefined,
      live: false,
      demo: true,
      allowTargets: ['127.0.0.0/8', '::1/128'],
      trustedProxies: [],
      metricsToken: undefined,
      rateLimit: 120_000,
      logLevel: 'info',
      poolSize: 10,
      prepare: true,
    })
  })

  test('do not prepare statements on a database of the operator, unless told to', () => {
    const DATABASE_URL = 'postgres://db.example.com/purser'
    expect(readConfig({ DATABASE_URL }, []).prepare).toBe(false)
    expect(readConfig({ DATABASE_URL, PURSER_PREPARE: 'on' }, []).prepare).toBe(true)
    expect(readConfig({ PURSER_PREPARE: 'off' }, []).prepare).toBe(false)
  })

  test('open loopback to webhooks in the demo only', () => {
    const env = { PURSER_ALLOW_TARGETS: '10.0.0.0/8, fd00::/8' }
    expect(readConfig(env, []).allowTargets).toEqual(['10.0.0.0/8', 'fd00::/8', '127.0.0.0/8', '::1/128'])
    expect(readConfig({ ...env, PURSER_DEMO: 'off' }, []).allowTargets).toEqual(['10.0.0.0/8', 'fd00::/8'])
  })

  test('a frozen configuration cannot be changed behind the back of its readers', () => {
    expect(Object.isFrozen(readConfig({}, []))).toBe(true)
  })
})

describe('the command line', () => {
  test('says the same as the environment, and wins over it', () => {
    const argv = ['--port', '8000', '--host=0.0.0.0', '--data-dir', 'elsewhere', '--demo', 'off']
    const config = readConfig({ PURSER_PORT: '1', PURSER_HOST: 'localhost' }, argv)
    expect(config).toMatchObject({ port: 8000, host: '0.0.0.0', dataDir: resolve('elsewhere'), demo: false })
  })

  test('keeps an equals sign inside a value', () => {
    expect(readConfig({}, ['--data-dir=a=b']).dataDir).toBe(resolve('a=b'))
  })

  test('takes no secrets, which every user of the machine could read there', () => {
    expect(SETTINGS.filter((setting) => setting.flag === undefined).map((setting) => setting.name)).toEqual([
      'DATABASE_URL',
      'PURSER_MASTER_KEY',
      'PURSER_METRICS_TOKEN',
    ])
    expect(problemsOf({}, ['--master-key', HEX])).toHaveLength(1)
  })

  test.each([
    [['--prot', '8000'], ['--prot is no flag. Did you mean --port?']],
    [['--port'], ['--port needs a value.']],
    [['--port', '--host', 'x'], ['--port needs a value.']],
    [['--port='], ['--port needs a value.']],
    [['--port', '1', '--port', '2'], ['--port is given twice.']],
    [['8000'], ['Argument 1 is no flag. Flags look like --port 8000.']],
  ])('refuses %j', (argv, problems) => {
    expect(problemsOf({}, argv)).toEqual(problems)
  })
})

describe('what is wrong', () => {
  test('is listed all at once, each with what it must be', () => {
    const env = {
      PURSER_PORT: '70000',
      PURSER_DEMO: 'yes',
      PURSER_LOG_LEVEL: 'loud',
      PURSER_PROT: '1',
      DATABASE_URL: 'x',
    }
    expect(problemsOf(env, ['--pool-size', '0'])).toEqual([
      'PURSER_PROT is no setting. Did you mean PURSER_PORT?',
      'PURSER_PORT must be a whole number from 0 to 65535.',
      'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
      'PURSER_DEMO must be on or off.',
      'PURSER_LOG_LEVEL must be one of silent, fatal, error, warn, info, debug, trace.',
      'PURSER_POOL_SIZE must be a whole number from 1 to 500.',
    ])
  })

  test('never shows a value', () => {
    const env = {
      DATABASE_URL: 'hunter2',
      PURSER_MASTER_KEY: 'hunter2',
      PURSER_PASWORD: 'hunter2',
      PURSER_PORT: 'hunter2',
    }
    expect(() => readConfig(env, ['--pasword=hunter2', 'hunter2', '--host', 'hunter2 x'])).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })

  test('includes a setting that is empty, since a lost value must not mean the default', () => {
    expect(problemsOf({ PURSER_MASTER_KEY: '', DATABASE_URL: ' ' })).toEqual([
      'PURSER_MASTER_KEY is set but empty. Unset it, or give it a value.',
      'DATABASE_URL is set but empty. Unset it, or give it a value.',
    ])
  })

  test.each(['80.5', '1e3', '-1', '0x50', 'NaN', '99999999999999999999'])('includes port %s', (port) => {
    expect(problemsOf({ PURSER_PORT: port })).toEqual(['PURSER_PORT must be a whole number from 0 to 65535.'])
  })

  test.each([
    'ftp://a.example',
    'https://a.example/path',
    'https://user:pass@a.example',
    'https://a.example?x=1',
    'a.example',
  ])('includes public URL %s', (url) => {
    expect(problemsOf({ PURSER_PUBLIC_URL: url })).toHaveLength(1)
  })

  test('names DATABASE_URL to whoever put our prefix before it', () => {
    expect(problemsOf({ PURSER_DATABASE_URL: 'x' })).toEqual([
      'PURSER_DATABASE_URL is no setting. Did you mean DATABASE_URL?',
    ])
  })
})

describe('TLS', () => {
  test('needs a certificate and its key, and has a port of its own', () => {
    const env = { PURSER_TLS_CERT: 'cert.pem', PURSER_TLS_KEY: '/etc/key.pem' }
    expect(readConfig(env, []).tls).toEqual({ cert: resolve('cert.pem'), key: '/etc/key.pem', port: 7343 })
    expect(readConfig(env, ['--tls-port', '0']).tls?.port).toBe(0)
  })

  test.each(['PURSER_TLS_CERT', 'PURSER_TLS_KEY'])('is refused with %s alone', (name) => {
    expect(problemsOf({ [name]: 'file.pem' })).toEqual([
      'PURSER_TLS_CERT and PURSER_TLS_KEY need each other: set both or neither.',
    ])
  })
})

describe('secrets', () => {
  test('print as [secret], and the master key is the same 32 bytes in either spelling', () => {
    const base64 = Buffer.from(HEX, 'hex').toString('base64')
    const config = readConfig({ PURSER_MASTER_KEY: base64, DATABASE_URL: 'postgres://u:hunter2@db/x' }, [])
    expect(config.masterKey?.reveal()).toBe(HEX)
    expect(config.databaseUrl?.reveal()).toBe('postgres://u:hunter2@db/x')
    for (const print of [
      inspect(config),
      JSON.stringify(config),
      String(config.masterKey) + String(config.databaseUrl),
    ]) {
      expect(print).not.toMatch(/hunter2|0011/)
    }
  })

  test.each([HEX.slice(1), `${HEX}00`, 'a'.repeat(44), 'zz'.repeat(32)])(
    'a master key of another shape is refused',
    (key) => {
      expect(problemsOf({ PURSER_MASTER_KEY: key })).toEqual([
        'PURSER_MASTER_KEY must be 32 bytes as 64 hexadecimal digits or as base64.',
      ])
    },
  )

  test('a placeholder is no master key', () => {
    expect(problemsOf({ PURSER_MASTER_KEY: '0'.repeat(64) })).toHaveLength(1)
  })
})

describe('live mode', () => {
  test('comes up with a master key and an https address, and without the demo', () => {
    expect(readConfig(LIVE, [])).toMatchObject({ live: true, demo: false, allowTargets: [] })
  })

  test('refuses to come up by half, and says all that is missing', () => {
    expect(problemsOf({ PURSER_LIVE: 'on', PURSER_DEMO: 'on', PURSER_PUBLIC_URL: 'http://pay.example.com' })).toEqual([
      'PURSER_LIVE=on needs PURSER_MASTER_KEY.',
      'PURSER_LIVE=on needs an https PURSER_PUBLIC_URL.',
      'PURSER_LIVE=on and PURSER_DEMO=on exclude each other.',
    ])
  })

  test('loses the trailing slash of its address, so that links have one slash', () => {
    expect(readConfig({ ...LIVE, PURSER_PUBLIC_URL: 'https://pay.example.com/' }, []).publicUrl).toBe(
      'https://pay.example.com',
    )
  })
})

test('every setting says what it is for, what it must be and what holds without it', () => {
  for (const setting of SETTINGS) {
    expect(setting.description).toMatch(/^[A-Z].*\.$/)
    expect(setting.mustBe).not.toBe('')
    expect(setting.otherwise).not.toBe('')
  }
})
