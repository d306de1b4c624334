// The load generator: a process of its own, so that neither the server nor the bench disturbs its clock. With a rate it
// is an open loop: each request has its time, comes due whether or not the one before was answered, and its latency
// counts from then (a slow server cannot hide by being asked less). Without a rate, it asks as fast as it is answered.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createHistogram } from './histogram.mjs'
import { formatRequest, openConnection } from './http-connection.mjs'

const SETTLE_MS = 30_000

const scenarios = { orders: orderScenario, payments: paymentScenario }

process.on('message', (job) => {
  runJob(job).then(
    (result) => process.send?.({ result }),
    (error) => process.send?.({ problem: error.message }),
  )
})

/** @param {any} job */
async function runJob({ scenario, baseUrl, secretKey, connections, rate, seconds }) {
  const { hostname: host, port, host: authority } = new URL(baseUrl)
  const shop = await scenarios[scenario]({ authority, secretKey, baseUrl })
  const sockets = []
  for (let n = 0; n < connections; n += 1) sockets.push(await openConnection({ host, port: Number(port) }))
  const tally = { done: 0, errors: 0, firstError: '', histogram: createHistogram() }
  const began = performance.now()
  const until = began + seconds * 1_000
  if (rate > 0) await openLoop({ sockets, shop, tally, began, until, rate })
  else await Promise.all(sockets.map((socket) => closedLoop({ socket, shop, tally, until })))
  await shop.settled?.()
  const elapsed = (performance.now() - began) / 1_000
  for (const socket of sockets) socket.close()
  shop.close?.()
  const { done, errors, firstError, histogram } = tally
  return { done, errors, firstError, seconds: elapsed, latencies: histogram.counts }
}

async function closedLoop({ socket, shop, tally, until }) {
  while (performance.now() < until) await act(socket, shop, tally, performance.now())
}

async function openLoop({ sockets, shop, tally, began, until, rate }) {
  const idle = [...sockets]
  const due = []
  const busy = new Set()
  const pump = () => {
    while (idle.length > 0 && due.length > 0) {
      const socket = idle.pop()
      const one = act(socket, shop, tally, due.shift()).then(() => {
        busy.delete(one)
        idle.push(socket)
        pump()
      })
      busy.add(one)
    }
  }
  for (let next = began; next < until; ) {
    const now = performance.now()
    for (; next <= now && next < until; next += 1_000 / rate) due.push(next)
    pump()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (busy.size > 0) await Promise.all(busy)
}

async function act(socket, shop, tally, dueAt) {
  const problem = await shop.act(socket)
  tally.histogram.record(performance.now() - dueAt)
  if (problem === undefined) tally.done += 1
  else {
    tally.errors += 1
    tally.firstError ||= problem
  }
}

const expectStatus = ({ status, body }, wanted) => (status === wanted ? undefined : `${status} ${body.slice(0, 200)}`)

function counter() {
  const run = randomBytes(6).toString('hex')
  let count = 0
  return () => `b${run}-${(count += 1)}`
}

function orderScenario({ authority, secretKey }) {
  const nextName = counter()
  const order = (name) => `{"reference":"${name}","amount":49900,"currency":"INR"}`
  return {
    act: async (socket) => {
      const name = nextName()
      const call = { method: 'POST', path: '/v1/orders', host: authority, token: secretKey, key: name }
      return expectStatus(await socket.request(formatRequest({ ...call, body: order(name) })), 201)
    },
  }
}

// A whole payment: order, session, paid by the page's API, and the webhook received. The notification from the gateway
// comes in by itself; the bench counts those in the database.
async function paymentScenario({ authority, secretKey, baseUrl }) {
  const nextName = counter()
  const paid = new Set()
  const told = new Set()
  const receiver = await openReceiver((paymentId) => told.add(paymentId))
  const endpoint = await registerEndpoint(baseUrl, secretKey, receiver.url)
  const post = (socket, path, token, body) =>
    socket.request(formatRequest({ method: 'POST', path, host: authority, token, key: nextName(), body }))
  return {
    act: async (socket) => {
      const order = await post(
        socket,
        '/v1/orders',
        secretKey,
        `{"reference":"${nextName()}","amount":49900,"currency":"INR"}`,
      )
      if (order.status !== 201) return `order: ${expectStatus(order, 201)}`
      const session = await post(socket, `/v1/orders/${JSON.parse(order.body).id}/sessions`, secretKey, '{}')
      if (session.status !== 201) return `session: ${expectStatus(session, 201)}`
      const instrument = '{"instrument":{"method":"card","token":"tok_approve"}}'
      const payment = await post(socket, '/sdk/v1/payments', JSON.parse(session.body).client_token, instrument)
      if (payment.status >= 300) return `payment: ${expectStatus(payment, 201)}`
      paid.add(JSON.parse(payment.body).id)
      return undefined
    },
    // Everything that was paid has been told, or the time for it is over.
    settled: async () => {
      const deadline = performance.now() + SETTLE_MS
      while ([...paid].some((id) => !told.has(id))) {
        if (performance.now() > deadline) throw new Error(`${paid.size - told.size} webhooks did not come.`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await endpoint.remove()
    },
    close: receiver.close,
  }
}

async function openReceiver(onPayment) {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      response.writeHead(204).end()
      const [, id] = /"payment":\{"id":"([^"]+)"/.exec(body) ?? []
      if (id !== undefined) onPayment(id)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}/`, close }
}

async function registerEndpoint(baseUrl, secretKey, url) {
  /** @returns {Promise<any>} */
  const call = async (method, path, body) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${secretKey}`,
        'idempotency-key': randomBytes(8).toString('hex'),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.status === 204 ? {} : response.json()
  }
  const { id } = await call('POST', '/v1/webhook-endpoints', { url, event_types: ['payment.captured'] })
  return { remove: () => call('DELETE', `/v1/webhook-endpoints/${id}`) }
}
