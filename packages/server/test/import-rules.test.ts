// The import rules are only worth something if they fire. Each of them is broken once here, in a small copy of the
// house, and the cruiser has to name the rule and the file. A rule without a line in this table fails the first test.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CONFIG = '.dependency-cruiser.cjs'

type Rule = { readonly name: string }
const { forbidden } = createRequire(import.meta.url)(join(ROOT, CONFIG)) as { forbidden: readonly Rule[] }

/** What the broken files import; each is one line, so that it breaks no rule itself. */
const HOUSE = [
  'packages/protocol/src/index.ts',
  ...[
    'main.ts',
    'config.ts',
    'kernel/money.ts',
    'domain/payment/record.ts',
    'domain/payment/payment.ts',
    'domain/webhook/objects.ts',
    'store/db.ts',
    'store/transaction-flag.ts',
    'connectors/contract/wire.ts',
    'connectors/contract/read-reply.ts',
    'connectors/acme/index.ts',
    'connectors/acme/capture.ts',
    'operations/capture-payment.ts',
    'jobs/expire.ts',
    'http/app.ts',
    'http/surfaces.ts',
    'dialects/contract/dialect.ts',
    'dialects/native/index.ts',
    'sandbox-gateway/index.ts',
    'testing/clock.ts',
    'connectors/registry.ts',
  ].map((file) => `packages/server/src/${file}`),
]

const broken = (rule: string, file: string, ...imports: readonly string[]) => ({ rule, file, imports })
const inServer = (rule: string, file: string, ...imports: readonly string[]) =>
  broken(rule, `packages/server/src/${file}`, ...imports)

const BROKEN = [
  inServer('no-cycles', 'domain/one.ts', './two.ts'),
  inServer('no-test-code-in-production', 'domain/tested.ts', '../testing/clock.ts'),
  inServer('no-test-code-in-production', 'operations/tool.ts', 'vitest'),
  inServer('kernel-is-the-floor', 'kernel/a.ts', '../domain/payment/record.ts'),
  inServer('domain-is-pure', 'domain/order/a.ts', '../../store/db.ts'),
  inServer('store-is-storage', 'store/a.ts', '../operations/capture-payment.ts'),
  inServer('contract-of-connectors-stands-low', 'connectors/contract/a.ts', '../acme/index.ts'),
  inServer('connector-stands-alone', 'connectors/other/a.ts', '../acme/capture.ts'),
  inServer('connector-stands-alone', 'connectors/other/b.ts', '../../store/db.ts'),
  inServer('registry-of-connectors-lists', 'connectors/list.ts', './acme/capture.ts'),
  inServer('operations-above-store', 'operations/a.ts', '../http/app.ts'),
  inServer('operations-above-store', 'operations/b.ts', '../connectors/acme/index.ts'),
  inServer('operations-see-contract-types', 'operations/c.ts', '../connectors/contract/wire.ts'),
  inServer('jobs-call-operations', 'jobs/a.ts', '../http/app.ts'),
  inServer('http-is-transport', 'http/a.ts', '../store/db.ts'),
  inServer('http-is-transport', 'http/b.ts', '../domain/payment/record.ts'),
  inServer('senders-see-contract-types', 'http/c.ts', '../connectors/contract/wire.ts'),
  inServer('senders-see-contract-types', 'jobs/b.ts', '../connectors/contract/wire.ts'),
  inServer('contract-of-dialects-stands-low', 'dialects/contract/a.ts', '../native/index.ts'),
  inServer('dialect-stands-alone', 'dialects/other/a.ts', '../native/index.ts'),
  inServer('dialect-stands-alone', 'dialects/other/b.ts', '../../store/db.ts'),
  inServer('dialects-see-domain-types', 'dialects/native/a.ts', '../../domain/payment/payment.ts'),
  inServer('registry-of-dialects-lists', 'dialects/list.ts', '../operations/capture-payment.ts'),
  inServer('receipts-draw', 'receipts/a.ts', '../operations/capture-payment.ts'),
  inServer('every-folder-has-a-place', 'helpers/a.ts', '../kernel/money.ts'),
  inServer('verify-reads', 'verify/a.ts', '../operations/capture-payment.ts'),
  inServer('sandbox-gateway-is-a-stranger', 'sandbox-gateway/a.ts', '../domain/payment/record.ts'),
  inServer('sandbox-gateway-is-a-stranger', 'sandbox-gateway/store/b.ts', '../../store/db.ts'),
  inServer('settings-stand-on-the-kernel', 'nearest-name.ts', './store/db.ts'),
  inServer('only-composition-at-the-top', 'loose.ts', './kernel/money.ts'),
  inServer('nobody-imports-composition', 'http/d.ts', '../main.ts'),
  inServer('registries-are-for-composition', 'operations/d.ts', '../connectors/registry.ts'),
  broken('protocol-imports-nothing-of-ours', 'packages/protocol/src/a.ts', '../../server/src/kernel/money.ts'),
  inServer('server-imports-protocol', 'http/e.ts', '../../../checkout/src/main.ts'),
  inServer('protocol-stays-at-the-edge', 'operations/e.ts', '../../../protocol/src/index.ts'),
  broken('cli-imports-protocol', 'packages/cli/src/a.ts', '../../server/src/kernel/money.ts'),
  broken('checkout-imports-protocol', 'packages/checkout/src/main.ts', '../../server/src/kernel/money.ts'),
  broken('dashboard-imports-protocol', 'packages/dashboard/src/a.ts', '../../checkout/src/main.ts'),
  inServer('pg-only-in-store', 'operations/f.ts', 'pg'),
  inServer('undici-only-in-client', 'http/f.ts', 'undici'),
  inServer('fastify-only-in-http', 'operations/g.ts', 'fastify'),
  inServer('pdfkit-only-in-receipts', 'operations/i.ts', 'pdfkit'),
  inServer('no-http-of-its-own', 'jobs/c.ts', 'node:https'),
  broken('declared-dependencies-only', 'packages/checkout/src/a.ts', 'commander'),
  inServer('no-development-tools-in-production', 'http/g.ts', '@types/pg'),
  inServer('no-unresolvable', 'domain/lost.ts', './not-there.ts'),
]

/** A cycle is told once, at one of its files. */
const CYCLE_PARTNER = inServer('', 'domain/two.ts', './one.ts')

// Each must pass: the exceptions that the rules name, and types of what is otherwise reserved.
const ALLOWED = [
  inServer('', 'main.ts', './store/db.ts', './connectors/registry.ts', './http/app.ts', 'pg'),
  inServer('', 'connectors/registry.ts', './acme/index.ts'),
  inServer('', 'http/client.ts', '../store/transaction-flag.ts', 'type ../connectors/contract/wire.ts', 'undici'),
  inServer('', 'operations/h.ts', '../connectors/contract/read-reply.ts', 'type ../connectors/contract/wire.ts'),
  inServer('', 'http/h.ts', '../receipts/pdf.ts'),
  inServer('', 'receipts/pdf.ts', '../domain/payment/payment.ts', '../kernel/money.ts'),
  inServer('', 'sandbox-gateway/store/book.ts', '../../kernel/money.ts', 'pg'),
  inServer('', 'sandbox-gateway/gateway.ts', './store/book.ts', 'type pg', 'fastify'),
  inServer('', 'dialects/native/b.ts', '../../domain/webhook/objects.ts', 'type ../../domain/payment/payment.ts'),
  inServer('', 'dialects/native/c.ts', '../../operations/capture-payment.ts', '../../../../protocol/src/index.ts'),
  inServer('', 'domain/a.test.ts', '../store/db.ts', '../testing/clock.ts', 'pg', 'vitest'),
]

type Violation = { readonly rule: { readonly name: string }; readonly from: string }
let violations: readonly Violation[]
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'purser-imports-'))
  for (const file of [CONFIG, 'tsconfig.base.json', 'package.json']) await cp(join(ROOT, file), join(home, file))
  for (const name of ['protocol', 'server', 'checkout', 'dashboard', 'cli']) {
    await mkdir(join(home, 'packages', name), { recursive: true })
    await cp(join(ROOT, 'packages', name, 'package.json'), join(home, 'packages', name, 'package.json'))
  }
  await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'))
  for (const file of HOUSE) await write(file, [])
  for (const { file, imports } of [CYCLE_PARTNER, ...BROKEN, ...ALLOWED]) await write(file, imports)
  violations = await cruise()
})

afterAll(() => rm(home, { recursive: true, force: true }))

async function write(file: string, imports: readonly string[]): Promise<void> {
  const lines = imports.map((it, index) =>
    it.startsWith('type ') ? `import type * as t${index} from '${it.slice(5)}'` : `import * as m${index} from '${it}'`,
  )
  await mkdir(dirname(join(home, file)), { recursive: true })
  await writeFile(join(home, file), `${lines.join('\n')}\nexport const here = true\n`)
}

async function cruise(): Promise<readonly Violation[]> {
  const tool = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [tool, 'packages', '--config', CONFIG, '--output-type', 'json']
  const report = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: home, maxBuffer: 32 * 1024 * 1024 }, (error, stdout) => {
      if (stdout === '') reject(error ?? new Error('The cruiser said nothing.'))
      else resolve(stdout)
    })
  })
  return (JSON.parse(report) as { summary: { violations: readonly Violation[] } }).summary.violations
}

function firedAt(file: string): readonly string[] {
  return violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name)
}

describe('The import rules', () => {
  test('are each broken once below', () => {
    const names = forbidden.map((rule) => rule.name)
    expect([...new Set(BROKEN.map(({ rule }) => rule))].sort()).toEqual(names.sort())
  })

  test.each(BROKEN)('$rule fires at $file', ({ rule, file }) => {
    expect(firedAt(file)).toContain(rule)
  })

  test.each(ALLOWED)('leave $file alone', ({ file }) => {
    expect(firedAt(file)).toEqual([])
  })
})
