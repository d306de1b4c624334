// The promises of a connector's notifications (reliability classes 1, 2, 7 to 13, 15): nothing that is not exactly what
// the gateway signed gets in, and whatever a stranger sends is refused without an exception.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notifications, RawNotification } from '../connectors/contract/connector.ts'

export type NotificationOptions<Credentials> = {
  /** Signs as the gateway does. Lower-case header names. */
  readonly sign: (body: Buffer, secret: string, at: Date) => Record<string, string>
  /** Headers that the signature is made of; each is taken away and damaged in turn. */
  readonly signatureHeaders: readonly string[]
  readonly secret: string
  /** The credentials with another notification secret. */
  readonly withSecret: (secret: string) => Credentials
  /** False for gateways that send a password and sign nothing: their messages are claims, never reports. */
  readonly signsBody?: false
  /** Null for gateways whose signature carries no time. */
  readonly toleranceMs: number | null
  /** A genuine header repeated `count` times as a list, where the format has lists. */
  readonly listed?: (headers: Record<string, string>, count: number) => Record<string, string>
  readonly examples: readonly NotificationExample[]
}

export type NotificationExample = {
  readonly says: string
  readonly body: string
  /** Compared with `toMatchObject`; undefined where the content cannot be read. */
  readonly content: object | undefined
}

const NOW = new Date('2026-11-20T10:00:00.000Z')
const LESS_THAN_A_SECOND_MS = 999

export function describeNotifications<Credentials>(
  notifications: Notifications<Credentials>,
  credentials: Credentials,
  options: NotificationOptions<Credentials>,
): void {
  const body = Buffer.from(options.examples[0]?.body ?? '{}')
  const signed = (raw: Buffer = body, at = NOW): RawNotification => ({
    headers: options.sign(raw, options.secret, at),
    body: raw,
  })
  const isTaken = (raw: RawNotification, by = credentials, now = NOW) => notifications.verify(raw, by, now).ok

  describe('notifications', () => {
    test('a genuine one is taken, also with headers it does not know', () => {
      const raw = signed()
      expect(isTaken(raw)).toBe(true)
      expect(isTaken({ ...raw, headers: { ...raw.headers, 'user-agent': 'x', 'x-other': '' } })).toBe(true)
    })

    test.each(options.signatureHeaders)('without %s, with it empty, or with rubbish in it, it is refused', (name) => {
      const raw = signed()
      const without = Object.fromEntries(Object.entries(raw.headers).filter(([key]) => key !== name))
      expect(isTaken({ ...raw, headers: without })).toBe(false)
      for (const value of ['', ' ', 'v1=', 'v0=00', 'garbage', '0', '\u0000', '=', ',', 'v1=zz,v1=']) {
        expect(isTaken({ ...raw, headers: { ...raw.headers, [name]: value } })).toBe(false)
      }
    })

    test('without any header it is refused, with a reason', () => {
      expect(notifications.verify({ headers: {}, body }, credentials, NOW)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^[a-z_]+$/),
      })
    })

    test('signed with another secret it is refused', () => {
      const raw = { headers: options.sign(body, `${options.secret}x`, NOW), body }
      expect(isTaken(raw)).toBe(false)
    })

    test('an empty, blank or short secret verifies nothing, whoever signed with it', () => {
      for (const secret of ['', ' ', '\t\n', 'undefined', 'secret', 'x'.repeat(16)]) {
        const raw = { headers: options.sign(body, secret, NOW), body }
        expect(isTaken(raw, options.withSecret(secret))).toBe(false)
      }
    })

    test('the header names of the prototype are no headers', () => {
      const headers = Object.create(options.sign(body, options.secret, NOW)) as Record<string, string>
      expect(isTaken({ headers, body })).toBe(false)
    })

    if (options.signsBody === false) describeClaims(notifications, options)
    else describeBytes(isTaken, signed, body)
    describeTime(isTaken, signed, options.toleranceMs)
    describeHostileHeaders(notifications, credentials, options, body)
    describeContent(notifications, options)
  })
}

type Taken = (raw: RawNotification) => boolean
type Signed = (raw?: Buffer, at?: Date) => RawNotification

function describeClaims<Credentials>(
  notifications: Notifications<Credentials>,
  { examples }: NotificationOptions<Credentials>,
): void {
  test('who knows the password can write anything, so a message only claims, and the gateway is asked', () => {
    const kinds = examples
      .flatMap(({ body }) => notifications.read({ headers: {}, body: Buffer.from(body) })?.reports ?? [])
      .map(({ kind }) => kind)
    expect(kinds.length).toBeGreaterThan(0)
    for (const kind of kinds) expect(kind).toMatch(/_claim$/)
  })
}

function describeBytes(isTaken: Taken, signed: Signed, body: Buffer): void {
  test('one byte that differs, anywhere, and it is refused', () => {
    const { headers } = signed()
    for (let offset = 0; offset < body.length; offset += 1) {
      const changed = Buffer.from(body)
      changed[offset] = (changed[offset] ?? 0) ^ 1
      expect(isTaken({ headers, body: changed })).toBe(false)
    }
  })

  test('the same content in other bytes is refused', () => {
    const { headers } = signed()
    const text = body.toString()
    const parsed = JSON.parse(text) as object
    const others = [
      JSON.stringify(parsed, null, 2),
      JSON.stringify(Object.fromEntries(Object.entries(parsed).toReversed())),
      `${text}\n`,
      ` ${text}`,
      `\u{feff}${text}`,
      text.replace('"', '\\u0022'),
      text.replaceAll('{', '{\r\n'),
      '',
    ]
    for (const other of others) expect(isTaken({ headers, body: Buffer.from(other) })).toBe(false)
  })

  test('bytes that decode to the same text are not the same bytes', () => {
    // A byte that is no UTF-8 decodes to the replacement character: who checks the text takes one for the other.
    const genuine = Buffer.concat([body, Buffer.from('\u{fffd}')])
    const twin = Buffer.concat([body, Buffer.from([0xff])])
    expect(isTaken(signed(genuine))).toBe(true)
    expect(isTaken({ headers: signed(genuine).headers, body: twin })).toBe(false)
  })
}

function describeTime(isTaken: Taken, signed: Signed, toleranceMs: number | null): void {
  if (toleranceMs === null) return
  const at = (ms: number) => signed(undefined, new Date(NOW.getTime() + ms))
  test('inside the tolerance it is taken, before and after', () => {
    expect(isTaken(at(-toleranceMs + LESS_THAN_A_SECOND_MS))).toBe(true)
    expect(isTaken(at(toleranceMs))).toBe(true)
  })
  test('a second beyond the tolerance it is refused, in the past and in the future', () => {
    expect(isTaken(at(-toleranceMs - 1_000))).toBe(false)
    expect(isTaken(at(toleranceMs + 1_000))).toBe(false)
  })
}

function describeHostileHeaders<Credentials>(
  notifications: Notifications<Credentials>,
  credentials: Credentials,
  options: NotificationOptions<Credentials>,
  body: Buffer,
): void {
  const genuine = options.sign(body, options.secret, NOW)

  test('malformed headers are refused and never throw', () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constant(undefined),
      fc.stringMatching(/^v1=.*$/),
    )
    const headers = fc.record(Object.fromEntries(options.signatureHeaders.map((name) => [name, value])))
    fc.assert(
      fc.property(headers, (hostile) => {
        const raw = { headers: hostile as Record<string, string>, body }
        expect(notifications.verify(raw, credentials, NOW).ok).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a genuine header damaged at any place is refused and never throws', () => {
    for (const name of options.signatureHeaders) {
      const value = genuine[name] ?? ''
      for (let offset = 0; offset < value.length; offset += 1) {
        for (const change of ['', 'x', '\u0000', 'é', value[offset]?.toUpperCase() ?? '']) {
          const damaged = value.slice(0, offset) + change + value.slice(offset + 1)
          if (damaged === value) continue
          const raw = { headers: { ...genuine, [name]: damaged }, body }
          expect(notifications.verify(raw, credentials, NOW).ok).toBe(false)
        }
      }
    }
  })

  const { listed } = options
  if (listed === undefined) return
  test('a few signatures may stand in one header, an endless list is refused at once', () => {
    expect(notifications.verify({ headers: listed(genuine, 2), body }, credentials, NOW).ok).toBe(true)
    for (const count of [11, 20_000]) {
      expect(notifications.verify({ headers: listed(genuine, count), body }, credentials, NOW).ok).toBe(false)
    }
  })
}

function describeContent<Credentials>(
  notifications: Notifications<Credentials>,
  options: NotificationOptions<Credentials>,
): void {
  const read = (text: string | Buffer) => notifications.read({ headers: {}, body: Buffer.from(text) })

  test.each(options.examples)('$says', ({ body, content }) => {
    const found = read(body)
    if (content === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(content)
    expect(read(body)).toEqual(found)
  })

  test('what cannot be read is said to be unreadable, whatever it is', () => {
    const texts = [
      '',
      'null',
      '[]',
      '{}',
      '7',
      '"x"',
      '{"id":1}',
      '<html>',
      '{"a":{"a":{"a":1}}',
      '{"id":"a","id":"b"}',
    ]
    for (const text of texts) expect(read(text)).toBeUndefined()
    expect(read(Buffer.from([0xff, 0xfe, 0x00]))).toBeUndefined()
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(read(text)).toBeUndefined()
      }),
    )
  })
}
