// What is documented is what the code says: each document of docs/reference that is made from code equals its committed
// copy. `npm run docs` writes them anew. The routes have a test of their own (docs-routes.test.ts).
import { describe, expect, test } from 'vitest'
import { DOCUMENTS } from '../../../tools/docs/documents.ts'
import { SETTINGS } from '../src/config.ts'
import { EVENT_TYPES } from '../src/domain/webhook/event.ts'
import { ERRORS } from '../src/kernel/errors.ts'
import { SANDBOX_INSTRUMENTS } from '../src/sandbox-gateway/instruments.ts'
import { projectFiles, textOf } from '../src/testing/project-source.ts'

describe('The reference', () => {
  test.each(Object.entries(DOCUMENTS))('%s is what the code says', (path, make) => {
    expect(textOf(path)).toBe(make())
  })

  test('explains every error, setting, event and instrument', () => {
    const lacks = (path: string, names: readonly string[], mark: (name: string) => string) => {
      const text = textOf(`docs/reference/${path}`)
      return names.filter((name) => !text.includes(mark(name)))
    }
    expect(lacks('errors.md', Object.keys(ERRORS), (name) => `\n### ${name}\n`)).toEqual([])
    expect(
      lacks(
        'configuration.md',
        SETTINGS.map((it) => it.name),
        (name) => `| \`${name}\` |`,
      ),
    ).toEqual([])
    expect(lacks('events.md', Object.keys(EVENT_TYPES), (name) => `| \`${name}\` |`)).toEqual([])
    expect(
      lacks(
        'sandbox.md',
        SANDBOX_INSTRUMENTS.map((it) => it.key),
        (name) => `| \`${name}\` |`,
      ),
    ).toEqual([])
  })
})

describe('The papers', () => {
  const PAPERS = projectFiles().filter((path) => path.endsWith('.md'))

  test('link to what is there', () => {
    const broken = PAPERS.flatMap((path) =>
      [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) =>
        isThere(path, link) ? [] : [`${path} links to ${link}`],
      ),
    )
    expect(broken).toEqual([])
  })

  test('name files and scripts that exist', () => {
    const files = projectFiles()
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    const known = (name: string) =>
      files.some((file) => file === name || file.startsWith(`${name.replace(/\/$/, '')}/`))
    const missing = PAPERS.flatMap((path) => {
      const text = textOf(path)
      const named = [...text.matchAll(/`((?:packages|tools|docs)\/[A-Za-z0-9_./-]+)`/g)].map(([, name = '']) => name)
      const run = [...text.matchAll(/\bnpm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => name)
      return [
        ...named.filter((name) => !known(name)).map((name) => `${path}: ${name}`),
        ...run.filter((name) => scripts[name] === undefined).map((name) => `${path}: npm run ${name}`),
      ]
    })
    expect(missing).toEqual([])
  })
})

function isThere(path: string, link: string): boolean {
  if (/^(https?:|mailto:)/.test(link)) return true
  const [target = '', anchor] = link.split('#')
  const file = target === '' ? path : new URL(target, `file:///${path}`).pathname.slice(1)
  const exists = projectFiles().some((it) => it === file || it.startsWith(`${file.replace(/\/$/, '')}/`))
  return exists && (anchor === undefined || anchorsOf(file).includes(anchor))
}

function anchorsOf(path: string): readonly string[] {
  const headings = [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}
