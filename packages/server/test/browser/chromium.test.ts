// The browser itself, before anything is concluded from it: web security must be on.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../src/testing/chromium.ts'

let browser: Browser
const servers: Server[] = []

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  for (const server of servers) server.close()
})

test('a page cannot read what another origin answers', async () => {
  const secret = await serve('text/plain', 'the secret of another origin')
  const page = await browser.newPage()
  await page.goto(await serve('text/html', '<title>attacker</title>'))
  const read = async (url: string) =>
    await page.evaluate(
      async (address) =>
        await fetch(address).then(
          async (answer) => await answer.text(),
          (error: unknown) => (error as Error).name,
        ),
      url,
    )

  expect(await read(secret)).toBe('TypeError')
  expect(await read(page.url()), 'its own origin it can read').toContain('attacker')
  await page.close()
})

async function serve(type: string, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': type }).end(body))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
