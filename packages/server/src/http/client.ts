// The only place that sends HTTP. It follows no redirect, unpacks nothing, and always answers within its deadline.
// Easy to get wrong: `not_sent` is said only while the request has certainly not begun to leave, because the caller
// then books it as failed and may try again. From the first byte on, whatever goes wrong is `no_reply`.
import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { WireReply, WireRequest } from '../connectors/contract/wire.ts'
import { after } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
// The one file of the store that http may import: it holds a flag and no SQL.
import { assertNoTransaction } from '../store/transaction-flag.ts'
import { createDnsLookup } from './name-lookup.ts'
import type { NameLookup } from './name-lookup.ts'
import { checkTargetUrl, isAllowedAddress, isOpenedAddress } from './target-guard.ts'
import type { TargetPolicy } from './target-guard.ts'

/**
 * What the address is for: a gateway account's credentials name it, or a webhook endpoint does. A merchant may have
 * written either, so both are judged alike; each has sockets and a resolver apart.
 */
export type GuardKind = 'gateway' | 'merchant'

export type SendOptions = {
  /** For everything, from the name lookup to the last byte of the reply. Ends as `timeout`. */
  readonly timeoutMs: number
  /** For lookup, connect, TLS and the wait for a free connection together; 3,000 by default. */
  readonly connectTimeoutMs?: number
  /** Bytes of the reply's body; 65,536 by default. A longer one is `reply_too_large`. */
  readonly maxReplyBytes?: number
  readonly guard: GuardKind
}

export type Outbound = {
  /**
   * Sends once, never twice, and never rejects for anything the other side does.
   * @throws AppError internal_error when called inside a transaction
   */
  send(request: WireRequest, options: SendOptions): Promise<WireReply>
  /** Waits for what is under way, each within its deadline; later requests are `not_sent`. */
  close(): Promise<void>
}

export type OutboundOptions = {
  readonly policy: TargetPolicy
  /** Replaces name resolution for both kinds. */
  readonly lookup?: NameLookup
  /** PEM certificates to trust in place of the public ones. */
  readonly trustedRoots?: readonly string[]
  /** Told of each connection to an address on the operator's list: live mode audits these. Must not throw. */
  readonly onOpenedTarget?: (use: {
    readonly guard: GuardKind
    readonly host: string
    readonly address: string
  }) => void
}

const DEFAULT_CONNECT_TIMEOUT_MS = 3_000
const DEFAULT_MAX_REPLY_BYTES = 65_536
// An abandoned connect is cleaned up after this; requests give up earlier, by their own connectTimeoutMs.
const SOCKET_CONNECT_TIMEOUT_MS = 10_000
// Node moves on to the next address of a name after 250 ms by default, which is less than a round trip from India
// to America can take.
const NEXT_ADDRESS_AFTER_MS = 1_000
// Per origin. A gateway's is shared by all its accounts; the limit per account is the circuit breaker's.
const CONNECTIONS = { gateway: 128, merchant: 32 } as const
// What frames the message or names the host is ours to write; a caller that sets it is mistaken or worse.
const OWN_HEADERS = new Set(
  'host connection content-length transfer-encoding expect upgrade keep-alive te trailer proxy-connection'.split(' '),
)

export function createOutbound(options: OutboundOptions): Outbound {
  const agents = { gateway: createAgent('gateway', options), merchant: createAgent('merchant', options) }
  let closing: Promise<unknown> | undefined
  return {
    async send(request, sendOptions) {
      assertNoTransaction()
      const target = readTarget(request.url, options.policy)
      if (typeof target === 'string') return { kind: 'not_sent', reason: target }
      const headers = readHeaders(request.headers)
      if (headers === undefined) return { kind: 'not_sent', reason: 'request_invalid' }
      if (!(sendOptions.timeoutMs > 0)) return { kind: 'not_sent', reason: 'timeout' }
      const dispatch: Dispatcher.DispatchOptions = {
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method: request.method,
        headers,
        body: request.body ?? null,
      }
      return exchange(agents[sendOptions.guard], dispatch, sendOptions)
    },
    async close() {
      closing ??= Promise.all([agents.gateway.close(), agents.merchant.close()])
      await closing
    },
  }
}

function readTarget(url: string, policy: TargetPolicy): URL | string {
  try {
    return checkTargetUrl(url, policy)
  } catch (error) {
    if (error instanceof AppError && error.code === 'url_refused') return `url_refused_${error.details['reason']}`
    throw error
  }
}

function readHeaders(given: WireRequest['headers']): Record<string, string> | undefined {
  const headers: Record<string, string> = { 'user-agent': 'Purser' }
  for (const [name, value] of Object.entries(given)) {
    if (OWN_HEADERS.has(name.toLowerCase())) return undefined
    headers[name.toLowerCase()] = value
  }
  // A small packed reply can unpack to gigabytes. We ask for plain bytes and never unpack, whatever comes.
  headers['accept-encoding'] = 'identity'
  return headers
}

/** One request and what came of it. Every way out passes through `settle`, the first one wins. */
function exchange(agent: Agent, dispatch: Dispatcher.DispatchOptions, options: SendOptions): Promise<WireReply> {
  const { timeoutMs, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, maxReplyBytes = DEFAULT_MAX_REPLY_BYTES } = options
  return new Promise((resolve) => {
    let settled = false
    let controller: Dispatcher.DispatchController | undefined
    let head: { readonly status: number; readonly headers: Record<string, string> } | undefined
    const chunks: Buffer[] = []
    let size = 0

    const settle = (reply: WireReply) => {
      if (settled) return
      settled = true
      stopDeadline()
      stopConnectDeadline()
      resolve(reply)
    }
    const giveUp = (reason: string) => {
      settle({ kind: controller === undefined ? 'not_sent' : 'no_reply', reason })
      controller?.abort(new Error(reason))
    }
    const stopDeadline = after(timeoutMs, () => giveUp('timeout'))
    const stopConnectDeadline = after(connectTimeoutMs, () => giveUp('connect_timeout'))

    agent.dispatch(dispatch, {
      // Called when a connection is there, just before the first byte is written. Throwing here makes undici drop
      // the request unwritten: one that was given up while it waited, and one that undici would write a second time.
      onRequestStart(started) {
        if (controller !== undefined) giveUp('reset')
        if (settled) throw new Error('The request is over.')
        controller = started
        stopConnectDeadline()
      },
      onResponseStart(_, status, headers) {
        if (status < 200) return
        head = { status, headers: flatten(headers) }
        if (Number.parseInt(head.headers['content-length'] ?? '0', 10) > maxReplyBytes) giveUp('reply_too_large')
      },
      onResponseData(_, chunk) {
        size += chunk.length
        if (size > maxReplyBytes) return giveUp('reply_too_large')
        chunks.push(chunk)
      },
      onResponseEnd() {
        if (head === undefined) return giveUp('reply_malformed')
        settle({ kind: 'reply', ...head, body: new TextDecoder().decode(Buffer.concat(chunks)) })
      },
      onResponseError(_, error) {
        if (controller === undefined) return giveUp(unsentReason(error))
        giveUp(silenceReason(error, head !== undefined))
      },
    })
  })
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')])
  return Object.fromEntries(entries) as Record<string, string>
}

/** An agent whose sockets exist only towards addresses that the guard allows. */
function createAgent(guard: GuardKind, options: OutboundOptions): Agent {
  const lookup = options.lookup ?? createDnsLookup()
  const connectors = {
    'https:': createConnector(lookup, (address) => isAllowedAddress(address, options.policy), options.trustedRoots),
    // Plain http goes nowhere but where the operator said.
    'http:': createConnector(lookup, (address) => isOpenedAddress(address, options.policy)),
  }
  return new Agent({
    connections: CONNECTIONS[guard],
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 30_000,
    // `exchange` has one deadline for everything.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(target, callback) {
      const connector = target.protocol === 'http:' ? connectors['http:'] : connectors['https:']
      connector(target, (...result) => {
        const address = result[1]?.remoteAddress
        if (address !== undefined && isOpenedAddress(address, options.policy)) {
          options.onOpenedTarget?.({ guard, host: target.hostname, address })
        }
        callback(...result)
      })
    },
  })
}

/**
 * Resolves, checks and connects in one step, so that nothing can change in between: the socket dials exactly the
 * addresses that were checked, while TLS and the Host header keep the name. One bad address refuses them all.
 */
function createConnector(
  lookup: NameLookup,
  isAllowed: (address: string) => boolean,
  trustedRoots?: readonly string[],
): buildConnector.connector {
  const connect = buildConnector({
    timeout: SOCKET_CONNECT_TIMEOUT_MS,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    // Said outright, because an environment variable could switch it off.
    rejectUnauthorized: true,
    ...(trustedRoots === undefined ? {} : { ca: [...trustedRoots] }),
    lookup(name, _, answer) {
      lookup(name).then(
        (addresses) => {
          if (addresses.length === 0) return answer(refusal('dns_failed'), [])
          if (!addresses.every(isAllowed)) return answer(refusal('address_refused'), [])
          answer(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          )
        },
        () => answer(refusal('dns_failed'), []),
      )
    },
  })
  return (target, callback) => {
    // Node never asks `lookup` about a literal.
    if (isIP(target.hostname) !== 0 && !isAllowed(target.hostname)) return callback(refusal('address_refused'), null)
    connect(target, (...result) => {
      const [error, socket] = result
      if (error !== null) return callback(error, null)
      if (!isAllowed(socket.remoteAddress ?? '')) {
        socket.destroy()
        return callback(refusal('address_refused'), null)
      }
      // After the headers of a reply without a length, undici takes a reset for its end (macOS can lose the real one).
      // It may as well have been cut off. Under this name it is an error there; on an idle connection it still is no
      // reason to fail requests that wait for one.
      socket.prependListener('error', (failure: NodeJS.ErrnoException) => {
        if (failure.code === 'ECONNRESET') failure.code = 'UND_ERR_SOCKET'
      })
      callback(null, socket)
    })
  }
}

type Refusal = 'dns_failed' | 'address_refused'

function refusal(code: Refusal): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

/** Why nothing left us. Never says which address a name has: the name may be a merchant's, the address ours. */
function unsentReason(error: NodeJS.ErrnoException): string {
  const code = error.code ?? ''
  if (code === 'dns_failed' || code === 'address_refused') return code
  if (code === 'ECONNREFUSED') return 'connect_refused'
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connect_timeout'
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return 'closed'
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'request_invalid'
  if (/^(ERR_TLS|ERR_SSL|CERT|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME|INVALID_CA|EPROTO)/.test(code)) {
    return 'tls_failed'
  }
  return 'connect_failed'
}

/** Why there is no whole reply to a request that may have arrived. */
function silenceReason(error: NodeJS.ErrnoException, hasHead: boolean): string {
  const code = error.code ?? ''
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'reply_too_large'
  if (hasHead) return 'reply_incomplete'
  // undici gives the parser's errors no code, and calls two lengths a mismatch.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'reply_malformed'
  return 'reset'
}
