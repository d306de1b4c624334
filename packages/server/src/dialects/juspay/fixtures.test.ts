// Golden exchanges, written by hand from the description of the wire: what was there, what was asked, and the whole
// answer. fixtures/README.md says which section each is from; testing/golden-exchange.ts says what stands in braces.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Loose } from '../../testing/api-setup.ts'
import { fill, firstWords, goldenPlayer, veiled } from '../../testing/golden-exchange.ts'
import type { GoldenCall, GoldenStep } from '../../testing/golden-exchange.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

type Fixture = {
  readonly about: string
  /** Sections of the description. */
  readonly wire: string
  readonly given: readonly GoldenStep[]
  readonly request: GoldenCall
  readonly response: { readonly status: number; readonly body: Loose }
}

const FOLDER = new URL('./fixtures/', import.meta.url)
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

let server: TestServer
let count = 0

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

describe('The table of golden exchanges', () => {
  const table = readFileSync(new URL('README.md', FOLDER), 'utf8')
  const listed = [...table.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)]

  test('names every file, its sections and what it shows, and nothing else', () => {
    const titles = names.map((name) => name.replace('.json', '')).toSorted()
    const expected = titles.map((title) => {
      const { wire, about } = JSON.parse(readFileSync(new URL(`${title}.json`, FOLDER), 'utf8')) as Fixture
      return [title, wire, about]
    })
    expect(listed.map(([, name, wire, about]) => [name, wire, about])).toEqual(expected)
  })
})

describe('A golden exchange', () => {
  test.each(names)('%s', async (name) => {
    const fixture = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture
    const order = `GOLD${String((count += 1)).padStart(6, '0')}`
    const player = goldenPlayer(server)
    const words = await player.play(fixture.given, await firstWords(server, order))
    const reply = await player.send(fill(fixture.request, words))
    const expected = fill(fixture.response, words)
    expect(reply.headers['content-type']).toBe('application/json')
    expect({ status: reply.status, body: veiled(reply.body, expected.body) }).toEqual(expected)
  })
})
