// What never becomes a request: bytes that are no HTTP, headers without end, a sender that stalls. Node would answer
// these by itself with a bare status line, so they are worded here, over the raw socket.
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AppError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'
import type { Deps } from '../operations/deps.ts'
import { problemOf } from './problem.ts'
import { securityHeaders } from './security-headers.ts'

export const HEADER_LIMIT_BYTES = 16 * 1024
export const HEADERS_TIMEOUT_MS = 15_000
/** For the whole request, body included. */
export const REQUEST_TIMEOUT_MS = 30_000

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** For the plain and the TLS server alike. */
export function hardenServer(server: Pick<Server, 'on' | 'emit'>, deps: Deps): void {
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    answerSocket(deps, CODES[error.code ?? ''] ?? 'http_malformed', socket as Socket)
  })
  // Only `100-continue` is defined; an unknown expectation is ignored rather than answered by Node.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
}

function answerSocket(deps: Deps, code: ErrorCode, socket: Socket): void {
  // Nothing may follow an answer that is already on its way, and only Node's own field tells whether one is.
  // oxlint-disable-next-line no-underscore-dangle
  const begun = (socket as Socket & { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true
  if (begun || !socket.writable || socket.destroyed) {
    socket.destroy()
    return
  }
  const requestId = `req_${deps.randomness.bytes(16).toString('hex')}`
  const error = new AppError(code)
  const body = JSON.stringify(problemOf(error, requestId))
  const headers = {
    ...securityHeaders(deps.publicUrl()),
    'x-request-id': requestId,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`, ...lines].join('\r\n')
  // A peer that will not read does not keep the socket open either.
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy())
}
