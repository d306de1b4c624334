import { describe, expect, test } from 'vitest'
import type { WireReply } from '../connectors/contract/wire.ts'
import { advance, CLOSED, createGate, DEFAULT_RULES, isGatewayFailure } from './circuit-breaker.ts'
import type { Circuit, CircuitEvent } from './circuit-breaker.ts'

const OK: WireReply = { kind: 'reply', status: 200, headers: {}, body: '' }
const BROKEN: WireReply = { ...OK, status: 503 }
const SILENT: WireReply = { kind: 'no_reply', reason: 'timeout' }
const OPEN: WireReply = { kind: 'not_sent', reason: 'circuit_open' }

function after(...events: (readonly [CircuitEvent['type'], number])[]): Circuit {
  return events.reduce((circuit, [type, at]) => advance(circuit, { type, at }, DEFAULT_RULES), CLOSED)
}
const failuresAt = (...times: number[]) => times.map((at) => ['call_failed', at] as const)

describe('the circuit', () => {
  test('opens at the fifth failure in a row', () => {
    expect(after(...failuresAt(1, 2, 3, 4)).state).toBe('closed')
    expect(after(...failuresAt(1, 2, 3, 4, 5))).toEqual({ state: 'open', until: 10_005 })
  })

  test('a success in between starts the count anew', () => {
    const circuit = after(...failuresAt(1, 2, 3, 4), ['call_succeeded', 5], ...failuresAt(6, 7, 8, 9))
    expect(circuit.state).toBe('closed')
  })

  test('failures further apart than the window do not add up', () => {
    expect(after(...failuresAt(0, 10_000, 20_000, 30_000, 40_000)).state).toBe('closed')
    expect(after(...failuresAt(0, 10_000, 20_000, 25_000, 30_000)).state).toBe('open')
  })

  test('while open only time helps: late results change nothing', () => {
    const open = after(...failuresAt(1, 2, 3, 4, 5))
    for (const type of ['call_asked', 'call_succeeded', 'call_failed'] as const) {
      expect(advance(open, { type, at: 10_004 }, DEFAULT_RULES)).toBe(open)
    }
    expect(advance(open, { type: 'call_asked', at: 10_005 }, DEFAULT_RULES)).toEqual({ state: 'half_open' })
  })

  test('the probe alone decides a half-open circuit', () => {
    const half = after(...failuresAt(1, 2, 3, 4, 5), ['call_asked', 10_005])
    for (const type of ['call_asked', 'call_succeeded', 'call_failed'] as const) {
      expect(advance(half, { type, at: 99_999 }, DEFAULT_RULES)).toBe(half)
    }
    expect(advance(half, { type: 'probe_succeeded', at: 11_000 }, DEFAULT_RULES)).toEqual(CLOSED)
    expect(advance(half, { type: 'probe_failed', at: 11_000 }, DEFAULT_RULES)).toEqual({ state: 'open', until: 21_000 })
  })

  test.each<[WireReply, boolean]>([
    [{ kind: 'not_sent', reason: 'dns_failed' }, true],
    [SILENT, true],
    [{ ...OK, status: 500 }, true],
    [BROKEN, true],
    [{ ...OK, status: 429 }, true],
    [OK, false],
    [{ ...OK, status: 302 }, false],
    [{ ...OK, status: 400 }, false],
    [{ ...OK, status: 401 }, false],
    [{ ...OK, status: 404 }, false],
  ])('%j counts against the gateway: %s', (reply, counts) => {
    expect(isGatewayFailure(reply)).toBe(counts)
  })
})

function givenGate(rules: Parameters<typeof createGate>[0]['rules'] = {}) {
  const time = { ms: 0 }
  const sent: string[] = []
  const gate = createGate({ now: () => time.ms, rules })
  const run = (reply: WireReply | Promise<WireReply>, key = 'gwa_1') =>
    gate.run(key, async () => {
      sent.push(key)
      return reply
    })
  const fail = async (times: number) => {
    for (let count = 0; count < times; count += 1) await run(BROKEN)
  }
  return { gate, time, sent, run, fail }
}

/** A reply that arrives when the test says so. */
function laterReply() {
  let arrive: (reply: WireReply) => void = () => {}
  const reply = new Promise<WireReply>((resolve) => {
    arrive = resolve
  })
  return { reply, arrive }
}

describe('the gate', () => {
  test('hands replies through, good and bad', async () => {
    const { run } = givenGate()
    expect(await run(OK)).toBe(OK)
    expect(await run(SILENT)).toBe(SILENT)
  })

  test('when open it holds back without sending, and only for that account', async () => {
    const { run, fail, sent } = givenGate()
    await fail(5)
    expect(await run(OK)).toEqual(OPEN)
    expect(sent).toHaveLength(5)
    expect(await run(OK, 'gwa_2')).toBe(OK)
  })

  test('after a while one probe goes; the others wait for what it says', async () => {
    const { run, fail, time, sent } = givenGate()
    await fail(5)
    time.ms = 10_000
    const probe = laterReply()
    const probing = run(probe.reply)
    expect(await run(OK)).toEqual(OPEN)
    probe.arrive(OK)
    expect(await probing).toBe(OK)
    expect(await run(OK)).toBe(OK)
    expect(sent).toHaveLength(7)
  })

  test('a probe that fails opens it for as long again', async () => {
    const { run, fail, time } = givenGate()
    await fail(5)
    time.ms = 10_000
    expect(await run(SILENT)).toBe(SILENT)
    time.ms = 19_999
    expect(await run(OK)).toEqual(OPEN)
    time.ms = 20_000
    expect(await run(OK)).toBe(OK)
  })

  test('a good reply to a call from before does not close an open circuit', async () => {
    const { run, fail } = givenGate()
    const early = laterReply()
    const calling = run(early.reply)
    await fail(5)
    early.arrive(OK)
    await calling
    expect(await run(OK)).toEqual(OPEN)
  })

  test('a call that throws counts as a failure, frees its place, and its error is thrown on', async () => {
    const { gate, run } = givenGate({ failures: 2, concurrency: 1 })
    for (let count = 0; count < 2; count += 1) {
      await expect(gate.run('gwa_1', () => Promise.reject(new Error('bug')))).rejects.toThrow('bug')
    }
    expect(await run(OK)).toEqual(OPEN)
  })

  test('at most 32 calls of one account are under way; a 33rd is not sent, another account is not held up', async () => {
    const { run, sent } = givenGate()
    const slow = laterReply()
    const calls = Array.from({ length: 32 }, () => run(slow.reply))
    expect(await run(OK)).toEqual({ kind: 'not_sent', reason: 'too_many_in_flight' })
    expect(await run(OK, 'gwa_2')).toBe(OK)
    slow.arrive(OK)
    await Promise.all(calls)
    expect(await run(OK)).toBe(OK)
    expect(sent).toHaveLength(34)
  })

  test('being held back is no failure of the gateway', async () => {
    const { run, fail, time } = givenGate()
    await fail(5)
    for (let count = 0; count < 20; count += 1) await run(OK)
    time.ms = 10_000
    expect(await run(OK)).toBe(OK)
    await fail(4)
    expect(await run(OK)).toBe(OK)
  })
})
