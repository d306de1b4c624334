// Starts the shop beside a demo Purser: takes the keys from demo.json, makes the webhook endpoint that a merchant would
// make once in the dashboard, and says on the first line of its output where it is. It ends with the process that
// started it: then its input ends.
//   node examples/dist/start-demo.js ./.purser/demo.json 7301
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createShop } from './server.ts'

type Endpoint = { readonly id: string; readonly url: string }

const [demoFile = './.purser/demo.json', port = '7301'] = process.argv.slice(2)
const demo = JSON.parse(readFileSync(demoFile, 'utf8')) as { base_url: string; secret_key: string }

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const reply = await fetch(demo.base_url + path, {
    method,
    headers: {
      authorization: `Bearer ${demo.secret_key}`,
      'content-type': 'application/json',
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as T
}

async function webhookSecretFor(url: string): Promise<string> {
  const { items } = await call<{ items: readonly Endpoint[] }>('GET', '/v1/webhook-endpoints')
  const known = items.find((endpoint) => endpoint.url === url)
  const made =
    known === undefined
      ? call<{ secret: string }>('POST', '/v1/webhook-endpoints', {
          url,
          description: 'The shop in examples/shop',
          event_types: ['order.paid'],
        })
      : call<{ secret: string }>('POST', `/v1/webhook-endpoints/${known.id}/rotate-secret`, { overlap_seconds: 0 })
  return (await made).secret
}

process.stdin.on('end', () => process.exit(0)).resume()
const settings = { purser: demo.base_url, secretKey: demo.secret_key, webhookSecret: '' }
const shop = createShop(settings)
shop.once('error', () => shop.listen(0, '127.0.0.1'))
shop.once('listening', () => {
  const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  void webhookSecretFor(`${url}/webhooks`).then((secret) => {
    Object.assign(settings, { webhookSecret: secret })
    process.stdout.write(`${url}\n`)
  })
})
shop.listen(Number(port), '127.0.0.1')
