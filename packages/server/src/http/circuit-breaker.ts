// Keeps one gateway in trouble from taking everything down with it: a circuit per gateway account that opens after
// failures in a row, and a limit on calls under way. A call that is held back is `not_sent`, so nothing is lost by it.
// Easy to get wrong: only the probe may close an open circuit; calls that began before say nothing about now.
import type { WireReply } from '../connectors/contract/wire.ts'
import { unreachable } from '../kernel/errors.ts'

export type CircuitRules = {
  /** Failures in a row that open the circuit. */
  readonly failures: number
  /** The failures count only while the first is not older than this. */
  readonly withinMs: number
  /** How long an open circuit lets nothing through, before one probe. */
  readonly openMs: number
  /** Calls under way at once, probes included. */
  readonly concurrency: number
}

export const DEFAULT_RULES: CircuitRules = { failures: 5, withinMs: 30_000, openMs: 10_000, concurrency: 32 }

export type Circuit =
  /** Times of the latest failures in a row, oldest first. */
  | { readonly state: 'closed'; readonly failedAt: readonly number[] }
  | { readonly state: 'open'; readonly until: number }
  /** One probe is under way; its outcome decides. */
  | { readonly state: 'half_open' }

export type CircuitEvent =
  | { readonly type: 'call_asked'; readonly at: number }
  | { readonly type: 'call_succeeded' | 'call_failed'; readonly at: number }
  | { readonly type: 'probe_succeeded' | 'probe_failed'; readonly at: number }

export const CLOSED: Circuit = { state: 'closed', failedAt: [] }

/**
 * Pure. Times are milliseconds of one monotonic clock. A call may go while closed, or as the probe it makes half open.
 */
export function advance(circuit: Circuit, event: CircuitEvent, rules: CircuitRules): Circuit {
  switch (event.type) {
    case 'call_asked':
      return circuit.state === 'open' && event.at >= circuit.until ? { state: 'half_open' } : circuit
    case 'call_succeeded':
      return circuit.state === 'closed' ? CLOSED : circuit
    case 'call_failed': {
      if (circuit.state !== 'closed') return circuit
      const failedAt = [...circuit.failedAt, event.at].filter((at) => event.at - at <= rules.withinMs)
      return failedAt.length < rules.failures ? { state: 'closed', failedAt } : open(event.at, rules)
    }
    case 'probe_succeeded':
      return CLOSED
    case 'probe_failed':
      return open(event.at, rules)
    default:
      return unreachable(event)
  }
}

/**
 * Whether a reply counts against the gateway: it could not be reached, kept silent, broke down, or asked to be left
 * alone. A 4xx is an answer like any other.
 */
export function isGatewayFailure(reply: WireReply): boolean {
  return reply.kind !== 'reply' || reply.status >= 500 || reply.status === 429
}

export type Gate = {
  /**
   * Runs `work` unless the circuit of `key` is open (`circuit_open`) or too many calls are under way
   * (`too_many_in_flight`). What `work` throws counts as a failure and is thrown on.
   */
  run(key: string, work: () => Promise<WireReply>): Promise<WireReply>
}

type Entry = { circuit: Circuit; underWay: number }

export function createGate(options: { readonly now: () => number; readonly rules?: Partial<CircuitRules> }): Gate {
  const rules = { ...DEFAULT_RULES, ...options.rules }
  const entries = new Map<string, Entry>()

  return {
    async run(key, work) {
      const entry = entries.get(key) ?? { circuit: CLOSED, underWay: 0 }
      if (entry.underWay >= rules.concurrency) return { kind: 'not_sent', reason: 'too_many_in_flight' }
      const before = entry.circuit
      entry.circuit = advance(before, { type: 'call_asked', at: options.now() }, rules)
      const isProbe = before.state === 'open' && entry.circuit.state === 'half_open'
      if (entry.circuit.state !== 'closed' && !isProbe) return { kind: 'not_sent', reason: 'circuit_open' }

      entries.set(key, entry)
      entry.underWay += 1
      // Stands unless work ends well, so that a throw counts as a failure too.
      let outcome: 'succeeded' | 'failed' = 'failed'
      try {
        const reply = await work()
        if (!isGatewayFailure(reply)) outcome = 'succeeded'
        return reply
      } finally {
        entry.underWay -= 1
        const type = `${isProbe ? 'probe' : 'call'}_${outcome}` as const
        entry.circuit = advance(entry.circuit, { type, at: options.now() }, rules)
        // Nothing worth remembering: accounts come and go.
        if (entry.underWay === 0 && entry.circuit === CLOSED) entries.delete(key)
      }
    },
  }
}

function open(at: number, rules: CircuitRules): Circuit {
  return { state: 'open', until: at + rules.openMs }
}
