// Rules about the source itself that no compiler and no linter knows: sizes, what has one home, files that nobody
// needs, folders that lack a part. Each test lists every offender at once. An exception is a line in a list here, with
// its reason, and the lists may only shrink.
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import {
  isTest,
  isTestCode,
  namesOf,
  placeOf,
  projectFiles,
  textOf,
  treeOf,
  walk,
} from '../src/testing/project-source.ts'

const FILES = projectFiles()
const EVERY = new Set(FILES)
const CODE = FILES.filter((path) => /\.(ts|tsx|mjs|cjs)$/.test(path))
const SERVER = CODE.filter((path) => path.startsWith('packages/server/src/') && !isTestCode(path))
const BROWSER = CODE.filter((path) => /^packages\/(checkout|dashboard)\/src\//.test(path) && !isTestCode(path))
const COMMENTED = /\.(ts|tsx|mjs|cjs|css|sql|html)$/

const FILE_LINES = 400
const FUNCTION_LINES = 70
const COLUMNS = 120

describe('Sizes', () => {
  test(`no file of code is longer than ${FILE_LINES} lines`, () => {
    const long = CODE.map((path) => ({ path, lines: textOf(path).trimEnd().split('\n').length }))
    expect(long.filter(({ lines }) => lines > FILE_LINES)).toEqual([])
  })

  test(`no function is longer than ${FUNCTION_LINES} lines`, () => {
    const long: string[] = []
    for (const path of CODE) {
      walk(treeOf(path), (node) => {
        const lines = ts.isFunctionLike(node) && !isDescribe(node.parent) ? ownLinesOf(node) : 0
        if (lines > FUNCTION_LINES) long.push(`${placeOf(node)} has ${lines} lines`)
      })
    }
    expect(long).toEqual([])
  })

  // biome breaks code at 120 and leaves alone what stands in quotes: a sentence for people is not cut in two for it.
  test(`no line is wider than ${COLUMNS} columns, what stands in quotes apart`, () => {
    const wide = CODE.flatMap((path) =>
      widthsOf(treeOf(path)).flatMap((width, at) =>
        width > COLUMNS ? [`${path}:${at + 1} has ${width} columns`] : [],
      ),
    )
    expect(wide).toEqual([])
  })
})

/** A block of tests is a folder of functions, not a function. */
function isDescribe(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /^describe\b/.test(node.expression.getText())
}

// What a function says itself: functions inside it are measured on their own, so that one which only gathers others
// around what they share counts as short as it reads.
function ownLinesOf(node: ts.Node): number {
  let nested = 0
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) nested += linesOf(child) - 1
    else ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return linesOf(node) - nested
}

function linesOf(node: ts.Node): number {
  return node.getText().split('\n').length
}

function widthsOf(tree: ts.SourceFile): number[] {
  const starts = tree.getLineStarts()
  const ends = starts.map((_, at) => (starts[at + 1] ?? tree.text.length + 1) - 1)
  const widths = starts.map((start, at) => (ends[at] ?? start) - start)
  walk(tree, (node) => {
    if (!isQuoted(node)) return
    const first = tree.getLineAndCharacterOfPosition(node.getStart()).line
    const last = tree.getLineAndCharacterOfPosition(node.end).line
    for (let at = first; at <= last; at += 1) {
      const from = Math.max(node.getStart(), starts[at] ?? 0)
      widths[at] = (widths[at] ?? 0) - (Math.min(node.end, ends[at] ?? 0) - from)
    }
  })
  return widths
}

function isQuoted(node: ts.Node): boolean {
  return ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node)
}

describe('One home', () => {
  const CLOCK = 'packages/server/src/kernel/clock.ts'
  const TIMERS = /^(setTimeout|setInterval|setImmediate)$/
  const NOW = /^(Date\.now|performance\.(now|timeOrigin))$/

  test('time and chance come from kernel/clock.ts and kernel/random.ts', () => {
    const found = offenders(
      SERVER.filter((path) => path !== CLOCK && path !== 'packages/server/src/kernel/random.ts'),
      (node) => isNew(node, 'Date') || isNamed(node, TIMERS) || isNamed(node, NOW) || isNamed(node, /^Math\.random$/),
    )
    expect(found).toEqual([])
  })

  test('the pages wait in a file named timers.ts', () => {
    const others = BROWSER.filter((path) => !path.endsWith('/timers.ts'))
    expect(offenders(others, (node) => isNamed(node, TIMERS))).toEqual([])
  })

  // What leaves as a JSON number: whole minor units, bounded far below 2^53 when they came in, and never reckoned with.
  const NUMBERS_THAT_ARE_NO_SUMS = [
    'packages/server/src/dialects/native/words.ts: Number(amount)',
    'packages/server/src/domain/webhook/objects.ts: Number(amount.minor)',
  ]

  test('no amount becomes a floating-point number', () => {
    const paths = SERVER.filter((path) =>
      /\/src\/(domain|operations|store|connectors|dialects)\/|\/kernel\/(money|currencies)\.ts$/.test(path),
    )
    const found = paths.flatMap((path) => {
      const calls: string[] = []
      walk(treeOf(path), (node) => {
        if (!ts.isCallExpression(node)) return
        const called = node.expression.getText()
        if (/(^|\.)(Number|parseFloat|toFixed)$/.test(called)) calls.push(`${path}: ${node.getText()}`)
      })
      return calls
    })
    expect(found.sort()).toEqual(NUMBERS_THAT_ARE_NO_SUMS)
  })

  // main.ts hands the environment to config.ts. NO_COLOR is a convention of terminals, not a setting of ours.
  const READS_ENVIRONMENT = ['packages/server/src/main.ts', 'packages/cli/src/commands/demo.ts']

  test('the environment is read in one place', () => {
    const sources = CODE.filter((path) => /^packages\/[^/]+\/src\//.test(path) && !isTestCode(path))
    const found = offenders(sources, (node) => isNamed(node, /^process\.env$/))
    expect(found.filter((place) => !READS_ENVIRONMENT.some((path) => place.startsWith(`${path}:`)))).toEqual([])
  })
})

function offenders(paths: readonly string[], is: (node: ts.Node) => boolean): readonly string[] {
  return paths.flatMap((path) => {
    const found: string[] = []
    walk(treeOf(path), (node) => {
      if (is(node)) found.push(`${placeOf(node)} ${node.getText().split('\n')[0]}`)
    })
    return found
  })
}

/** `new X()`, without arguments. */
function isNew(node: ts.Node, name: string): boolean {
  return ts.isNewExpression(node) && node.expression.getText() === name && (node.arguments ?? []).length === 0
}

function isNamed(node: ts.Node, name: RegExp): boolean {
  const isName = ts.isPropertyAccessExpression(node) || (ts.isIdentifier(node) && ts.isCallExpression(node.parent))
  return isName && name.test(node.getText())
}

describe('Nothing is left behind', () => {
  test('nobody was told to fix it later', () => {
    const later = new RegExp(String.raw`\b(${['TO?DO', 'FIX?ME', 'HA?CK'].join('|').replaceAll('?', '')})\b`)
    const found = FILES.filter((path) => COMMENTED.test(path) && later.test(textOf(path)))
    expect(found).toEqual([])
  })

  test('no test is skipped, singled out or put off', () => {
    const marked = /^(test|it|describe)\b.*\.(skip|only|todo|skipIf|runIf|fails)$/s
    expect(offenders(CODE.filter(isTest), (node) => isNamed(node, marked))).toEqual([])
  })

  test('every file opens with what it is for', () => {
    const sources = CODE.filter((path) => !isTest(path) && !path.startsWith('vitest.'))
    expect(sources.filter((path) => !/^(#!.*\n)?(\/\/|\/\*)/.test(textOf(path)))).toEqual([])
  })

  test('no committed file knows a machine or a registry', () => {
    const machine = new RegExp(String.raw`(^|[\s'"=(\x60])/(${['work', 'root'].join('|')})/[a-z.]`, 'm')
    const registry = /^\s*(@[a-z]+:)?registry\s*=|"resolved":\s*"https?:/m
    const found = FILES.filter((path) => machine.test(textOf(path)) || registry.test(textOf(path)))
    expect(found).toEqual([])
  })
})

describe('Every file is needed', () => {
  // Where a program begins, or a person: what these do not lead to is dead.
  const BEGINNINGS = [
    'packages/server/src/main.ts',
    'packages/cli/src/main.ts',
    'packages/protocol/src/index.ts',
    // The sandbox gateway as a process of its own, with its own database.
    'packages/server/src/sandbox-gateway/main.ts',
    // What `npm run …` runs.
    ...[...textOf('package.json').matchAll(/tools\/[a-z-]+\.(?:mjs|ts)/g)].map(([path]) => path),
    ...FILES.filter((path) => isConfiguration(path)),
  ]

  function reachedFrom(beginnings: readonly string[]): ReadonlySet<string> {
    const reached = new Set(beginnings)
    // A set is walked in the order of insertion, what is added on the way included.
    for (const path of reached) {
      if (CODE.includes(path)) for (const name of namesOf(path, EVERY)) reached.add(name)
    }
    return reached
  }

  test('production code is reached from where a program begins', () => {
    const entries = FILES.filter((path) => path.endsWith('/vite.config.ts')).flatMap((path) => {
      const folder = path.replace('vite.config.ts', '')
      return [...textOf(path).matchAll(/'(src\/[^']+)'/g)].map(([, entry]) => `${folder}${entry}`)
    })
    const reached = reachedFrom([...BEGINNINGS, ...entries])
    const sources = FILES.filter((path) => /^(packages\/[^/]+\/src|tools)\/.*\.(tsx?|mjs|css)$/.test(path))
    expect(sources.filter((path) => !isTestCode(path) && !reached.has(path))).toEqual([])
  })

  test('what helps tests is reached from a test', () => {
    const reached = reachedFrom(FILES.filter((path) => isTest(path) || isConfiguration(path)))
    const helpers = CODE.filter((path) => isTestCode(path) && !isTest(path))
    expect(helpers.filter((path) => !reached.has(path))).toEqual([])
  })

  test('every test is run by npm test', () => {
    const runner = textOf('tools/test.mjs')
    const configs = FILES.filter((path) => isConfiguration(path) && runner.includes(`'${path}'`))
    const run = CODE.filter(isTest).filter((path) =>
      configs.some((config) => {
        const [included = '', excluded = ''] = textOf(config).split(/exclude:/)
        return patternsIn(included).some((it) => it.test(path)) && !patternsIn(excluded).some((it) => it.test(path))
      }),
    )
    expect(CODE.filter(isTest).filter((path) => !run.includes(path))).toEqual([])
  })
})

/** Of Vite or Vitest, which find it by its name. */
function isConfiguration(path: string): boolean {
  return /(^|\/)vite(st)?(\.[a-z]+)?\.config\.ts$/.test(path)
}

/** The globs in a text as expressions. */
function patternsIn(text: string): readonly RegExp[] {
  return [...text.matchAll(/'((?:packages|tools|\*\*)\/[^']+)'/g)].map(([, glob = '']) => {
    const source = glob
      .replaceAll('.', '\\.')
      .replaceAll('**/', '(.+/)?')
      .replaceAll('**', '.+')
      .replaceAll(/(?<!\.|\))\*/g, '[^/]*')
    return new RegExp(`^${source}$`)
  })
}

describe('Folders are complete', () => {
  const foldersIn = (parent: string) => [
    ...new Set(FILES.filter((path) => path.startsWith(parent)).map((path) => path.slice(parent.length).split('/')[0])),
  ]

  test('a migration has its statements, its notes and its check', () => {
    const parent = 'packages/server/src/store/migrations/'
    const missing = foldersIn(parent).flatMap((name) =>
      ['up.sql', 'notes.md', 'check.sql'].map((part) => `${parent}${name}/${part}`).filter((path) => !EVERY.has(path)),
    )
    expect(missing).toEqual([])
    expect(foldersIn(parent).filter((name) => !/^\d{4}_[a-z0-9_]+$/.test(name ?? ''))).toEqual([])
  })

  test.each(['connectors', 'dialects'])('each of the %s explains itself and is registered', (kind) => {
    const parent = `packages/server/src/${kind}/`
    const registry = textOf(`${parent}registry.ts`)
    const names = foldersIn(parent).filter((name) => name !== 'contract' && name !== 'registry.ts')
    const missing = names.flatMap((name) => [
      ...['README.md', 'index.ts'].map((part) => `${parent}${name}/${part}`).filter((path) => !EVERY.has(path)),
      ...(registry.includes(`'./${name}/index.ts'`) ? [] : [`${parent}registry.ts lacks ${name}`]),
      ...(FILES.some((path) => path.startsWith(`${parent}${name}/`) && isTest(path)) ? [] : [`${name} has no test`]),
    ])
    expect(missing).toEqual([])
  })

  test('a package declares what it imports', () => {
    const undeclared = CODE.filter((path) => /^packages\/[^/]+\/src\//.test(path) && !isTestCode(path)).flatMap(
      (path) => {
        const manifest = JSON.parse(textOf(`${path.split('/').slice(0, 2).join('/')}/package.json`)) as Manifest
        const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
        const imported = ts.preProcessFile(textOf(path)).importedFiles.map(({ fileName }) => fileName)
        return imported
          .filter((name) => !/^(\.|node:)/.test(name))
          .map((name) =>
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          )
          .filter((name) => !declared.includes(name))
          .map((name) => `${path} imports ${name}`)
      },
    )
    expect(undeclared).toEqual([])
  })
})

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
