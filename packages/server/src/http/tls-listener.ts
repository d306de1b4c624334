// The same API over TLS, on a port of its own, for clients that speak nothing else. It is a second door to the one
// application: what is true of a route over plain HTTP is true here. Whoever has a proxy that ends TLS needs none.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Deps } from '../operations/deps.ts'
import { HEADER_LIMIT_BYTES, HEADERS_TIMEOUT_MS, hardenServer, REQUEST_TIMEOUT_MS } from './socket-errors.ts'

/** Both in PEM form. */
export type TlsFiles = { readonly cert: string; readonly key: string }

export type TlsListener = {
  readonly port: number
  /** Takes no more connections; `finish` ends when the requests that are under way have been answered. */
  close(): { finish(): Promise<void> }
}

/** @throws Error with the code EADDRINUSE when the port is taken */
export async function listenTls(
  app: FastifyInstance,
  deps: Deps,
  address: TlsFiles & { readonly host: string; readonly port: number },
): Promise<TlsListener> {
  const { cert, key, host, port } = address
  const server = createServer(
    {
      cert,
      key,
      minVersion: 'TLSv1.2',
      keepAliveTimeout: 75_000,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: HEADER_LIMIT_BYTES,
      requireHostHeader: false,
    },
    (request, response) => app.routing(request, response),
  )
  // Who failed to shake hands cannot read an answer either.
  server.on('tlsClientError', (_error: Error, socket: Duplex) => void socket.destroy())
  hardenServer(server, deps)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      return {
        finish: () => {
          server.closeIdleConnections()
          return closed
        },
      }
    },
  }
}
