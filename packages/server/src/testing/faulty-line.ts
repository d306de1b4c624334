// A line between two servers that can fail like any: a reply lost after the request was carried out, a request lost
// before, a 500 at either side, a message delivered twice. Everything that goes over it is real HTTP.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to a request that matches; each strikes once, in the order given. */
export type LineFault =
  | 'lose_request'
  | 'lose_reply'
  | 'error_before'
  | 'error_after'
  /** Carried out twice; the second answer counts. */
  | 'twice'

export type Carried = { readonly method: string; readonly path: string; readonly body: string; readonly status: number }

export type FaultyLine = {
  readonly baseUrl: string
  /** What reached the other side, oldest first. */
  readonly carried: readonly Carried[]
  connect(target: string): void
  strike(path: RegExp, ...faults: readonly LineFault[]): void
  close(): Promise<void>
}

type Planned = { readonly path: RegExp; readonly fault: LineFault }

export async function startFaultyLine(): Promise<FaultyLine> {
  const carried: Carried[] = []
  const planned: Planned[] = []
  let target = ''

  const forward = async (request: IncomingMessage, body: Buffer) => {
    const headers = Object.entries(request.headers).filter(([name]) => !HOP.has(name))
    const { method = 'GET', url = '/' } = request
    const reply = await fetch(`${target}${url}`, {
      method,
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      redirect: 'manual',
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    })
    const text = await reply.text()
    carried.push({ method, path: url, body: body.toString(), status: reply.status })
    return { status: reply.status, type: reply.headers.get('content-type') ?? 'text/plain', text }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const index = planned.findIndex(({ path }) => path.test(`${request.method} ${request.url}`))
    const [plan] = index === -1 ? [] : planned.splice(index, 1)
    const fault = plan?.fault
    if (fault === 'lose_request') return void response.destroy()
    if (fault === 'error_before') return void response.writeHead(500).end()
    if (fault === 'twice') await forward(request, body)
    const reply = await forward(request, body)
    if (fault === 'lose_reply') return void response.destroy()
    if (fault === 'error_after') return void response.writeHead(500).end()
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.text)
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      serve(request, response, Buffer.concat(chunks)).catch(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    carried,
    connect: (url) => {
      target = url
    },
    strike: (path, ...faults) => void planned.push(...faults.map((fault) => ({ path, fault }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'])
