// The project's own files as data, for tests about the source itself. Everything that could be committed counts,
// whether it is yet or not; what .gitignore names is skipped. Paths are relative to the project, written with slashes.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

const SKIPPED = new Set(['node_modules', 'dist', '.git', '.purser', '.cache', 'artifacts'])
const BINARY = /\.(ttf|woff2?|png|jpe?g|ico|pdf|tsbuildinfo|log)$/

/** Every text file of the project, sorted. */
export function projectFiles(folder = ROOT): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  const files = entries.flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name)
    if (SKIPPED.has(entry.name)) return []
    if (entry.isDirectory()) return projectFiles(path)
    return entry.isFile() && !BINARY.test(entry.name) ? [relative(ROOT, path).replaceAll('\\', '/')] : []
  })
  return files.sort()
}

export function isTest(path: string): boolean {
  return /\.test\.(tsx?|mjs)$/.test(path)
}

/** Tests and what only tests use. */
export function isTestCode(path: string): boolean {
  return isTest(path) || /^packages\/[^/]+\/(test|src\/testing)\//.test(path)
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

const trees = new Map<string, ts.SourceFile>()

export function treeOf(path: string): ts.SourceFile {
  const known = trees.get(path)
  if (known !== undefined) return known
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : undefined
  const tree = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true, kind)
  trees.set(path, tree)
  return tree
}

/** Calls `see` with every node of the file, outermost first. */
export function walk(tree: ts.SourceFile, see: (node: ts.Node) => void): void {
  const visit = (node: ts.Node) => {
    see(node)
    ts.forEachChild(node, visit)
  }
  visit(tree)
}

/** One-based. */
function lineOf(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1
}

/** `packages/server/src/a.ts:12` */
export function placeOf(node: ts.Node): string {
  return `${node.getSourceFile().fileName}:${lineOf(node)}`
}

const QUOTED = /['"`]([^'"`\s]+)['"`]/g

/** The project's files that this file names, by import, by URL or as the entry of a build. */
export function namesOf(path: string, files: ReadonlySet<string>): readonly string[] {
  return [...textOf(path).matchAll(QUOTED)].flatMap(([, name = '']) => {
    const workspace = /^@purser\/([a-z]+)$/.exec(name)?.[1]
    const target = workspace === undefined ? name : join('..', workspace, 'src/index.ts')
    const places = workspace === undefined ? [dirname(path), '.'] : [path.split('/').slice(0, 2).join('/')]
    const built = target.replace(/\.js$/, '.ts')
    return places.map((place) => posix.normalize(posix.join(place, built))).filter((it) => files.has(it))
  })
}
