import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from './errors.ts'
import { moneyLiteral, parseJson } from './json.ts'

// The same cases on every run.
fc.configureGlobal({ seed: 8259 })

const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
  return 'accepted'
}
const bytes = (...codes: number[]) => Buffer.from(codes)

describe('encoding', () => {
  test.each([
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x5b, 0x5d)],
    ['a lone continuation byte', bytes(0x22, 0x80, 0x22)],
    ['a cut-off sequence', bytes(0x22, 0xe2, 0x82, 0x22)],
    ['an overlong slash', bytes(0x22, 0xc0, 0xaf, 0x22)],
    ['an encoded surrogate', bytes(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['a code point past the last', bytes(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22)],
    ['Latin-1', bytes(0x22, 0xe9, 0x22)],
    ['UTF-16', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['a byte that is never UTF-8', bytes(0xff)],
    ['a byte order mark in text', '\ufeff[]'],
    ['a lone surrogate in text', '"\ud800"'],
    ['an escaped high surrogate', '"\\ud800"'],
    ['an escaped low surrogate', '"\\uDC00x"'],
    ['escaped surrogates the wrong way round', '"\\udc00\\ud800"'],
    ['an escaped surrogate in a key', '{"\\ud800":1}'],
  ])('refuses %s', (_name, source) => {
    expect(refusal(() => parseJson(source))).toBe('encoding_invalid')
  })

  test('reads every script', () => {
    const value = { देवनागरी: 'भुगतान', العربية: 'دفع', 中文: '付款', emoji: '💳' }
    expect(parseJson(Buffer.from(JSON.stringify(value))).value).toEqual(value)
  })
})

describe('keys', () => {
  test.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"\\/":1,"/":2}',
    '{"":1,"":2}',
    '[{"a":{"b":1,"b":2}}]',
    '{"1":1,"1":2}',
  ])('refuses %s: one name, two values', (text) => {
    expect(refusal(() => parseJson(text))).toBe('json_duplicate_key')
  })

  test('knows different names from equal ones', () => {
    // The last two look alike but are é as one character and as two.
    const text = '{"a":1,"A":2,"a ":3,"\u00e9":4,"e\u0301":5}'
    expect(parseJson(text).value).toEqual(JSON.parse(text))
  })

  test.each([
    '{"__proto__":1}',
    '{"a":{"constructor":{}}}',
    '[{"prototype":null}]',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"constr\\u0075ctor":1}',
  ])('refuses %s', (text) => {
    expect(refusal(() => parseJson(text))).toBe('json_forbidden_key')
  })

  test('names the key only where it is plainly a name', () => {
    const duplicate = (details: object) => expect.objectContaining({ code: 'json_duplicate_key', details })
    expect(() => parseJson('{"amount":1,"amount":2}')).toThrow(duplicate({ field: 'amount', position: 12 }))
    const cardNumber = '4111111111111111'
    expect(() => parseJson(`{"${cardNumber}":1,"${cardNumber}":2}`)).toThrow(duplicate({ position: 22 }))
  })
})

describe('depth', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

  test('is 32 containers by default, of either kind, and set by the caller', () => {
    expect(refusal(() => parseJson(nested(32)))).toBe('accepted')
    expect(refusal(() => parseJson(nested(33)))).toBe('json_too_deep')
    expect(refusal(() => parseJson(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`))).toBe('accepted')
    expect(refusal(() => parseJson(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`))).toBe('json_too_deep')
    expect(refusal(() => parseJson('[[1],[2],[3]]', { maxDepth: 2 }))).toBe('accepted')
    expect(refusal(() => parseJson('[[1],[[2]]]', { maxDepth: 2 }))).toBe('json_too_deep')
    expect(refusal(() => parseJson('1', { maxDepth: 0 }))).toBe('accepted')
  })

  test.each([nested(200_000), '['.repeat(200_000), '{"a":'.repeat(200_000), '[{"":'.repeat(200_000)])(
    'stops at once in a body of 200,000 levels',
    (text) => {
      const before = process.hrtime.bigint()
      expect(refusal(() => parseJson(text))).toBe('json_too_deep')
      expect(process.hrtime.bigint() - before).toBeLessThan(500_000_000n)
    },
  )
})

describe('the literal of a number', () => {
  const text = `{"amount": 0.300000000000000001, "items": [1, {"price": 9007199254740993}, "2", [-0, 1e2]],
    "1": 1.50, "\\u0061": 7, "note": "5", "none": null}`
  const parsed = parseJson(text)

  test.each([
    [['amount'], '0.300000000000000001'],
    [['items', 0], '1'],
    [['items', 1, 'price'], '9007199254740993'],
    [['items', 3, 0], '-0'],
    [['items', 3, 1], '1e2'],
    [['1'], '1.50'],
    [['a'], '7'],
  ])('%j is %s, as it was written', (path, literal) => {
    expect(parsed.numberAt(path)).toBe(literal)
  })

  test.each([
    [[]],
    [['items']],
    [['items', 2]],
    [['items', 9]],
    [['items', '0']],
    [['items', -1]],
    [['note']],
    [['none']],
    [['missing']],
    [['amount', 'minor']],
    [['toString']],
    [['items', 'length']],
  ])('there is none at %j', (path) => {
    expect(parsed.numberAt(path)).toBeUndefined()
  })

  test('of a bare number stands at the root', () => {
    expect(parseJson(' 12.50 ').numberAt([])).toBe('12.50')
  })
})

describe('reading money', () => {
  const amount = (literal: string) => moneyLiteral(parseJson(`{"order":{"amount":${literal}}}`), ['order', 'amount'])

  test.each(['1', '1250', '12.5', '12.50', '0', '-1', '-0', '123456789012345', '1234567890.12345', '50.0000000000'])(
    'gives the number %s as it was written',
    (literal) => {
      expect(amount(literal)).toBe(literal)
    },
  )

  test.each(['0.000000000000001', '100.00000000000000000000', '-123456789012345.000'])(
    'does not count zeros that carry nothing: %s',
    (literal) => {
      expect(amount(literal)).toBe(literal)
    },
  )

  test('gives text as it is, for the reader of the amount to judge', () => {
    expect(amount('"12.50"')).toBe('12.50')
    expect(amount('"1e2"')).toBe('1e2')
    expect(amount('"1234567890123456789"')).toBe('1234567890123456789')
  })

  test.each([
    '1e2',
    '1E2',
    '1.5e1',
    '1e0',
    '0e0',
    '9007199254740993',
    '0.300000000000000001',
    '1234567890123456',
    '1234567890123450',
    '12345678901234.56',
    '1.000000000000001',
    '10000000000000.01',
    '19.990000000000001',
  ])('refuses %s, which may have been another number', (literal) => {
    const details = { field: 'order.amount', maximum_digits: 15 }
    expect(() => amount(literal)).toThrow(expect.objectContaining({ code: 'amount_invalid', details }))
  })

  test.each(['null', 'true', '[1]', '["1"]', '{"minor":1}'])('refuses %s, which is no amount', (literal) => {
    const details = { field: 'order.amount' }
    expect(() => amount(literal)).toThrow(expect.objectContaining({ code: 'amount_invalid', details }))
  })

  test('refuses what is not there', () => {
    for (const path of [['amount'], ['order'], ['order', 'total'], ['order', 'amount', 'x'], ['toString'], []]) {
      const read = () => moneyLiteral(parseJson('{"order":{"amount":1}}'), path)
      expect(read).toThrow(expect.objectContaining({ code: 'amount_invalid', details: { field: path.join('.') } }))
    }
  })
})

describe('against JSON.parse', () => {
  const forbidden = /"(?:__proto__|constructor|prototype)":/

  test('gives back every value that was written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        fc.pre(!forbidden.test(text))
        expect(parseJson(Buffer.from(text)).value).toEqual(JSON.parse(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test('finds the literal of every number that was written', () => {
    const numbers = (value: unknown, path: (string | number)[] = []): [(string | number)[], number][] => {
      if (typeof value === 'number') return [[path, value]]
      if (Array.isArray(value)) return value.flatMap((item, index) => numbers(item, [...path, index]))
      if (typeof value !== 'object' || value === null) return []
      return Object.entries(value).flatMap(([key, item]) => numbers(item, [...path, key]))
    }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!forbidden.test(text))
        const parsed = parseJson(text)
        for (const [path, number] of numbers(JSON.parse(text))) {
          expect(parsed.numberAt(path)).toBe(JSON.stringify(number))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('lets in nothing that JSON.parse refuses, and refuses nothing else without naming its own reason', () => {
    const piece = fc.constantFrom(
      ...Array.from('[]{}:,"\\ \n-+.eE0123456789abtfu'),
      'true',
      'null',
      '"a":',
      '"b":',
      '\\u0061',
      '"',
    )
    const soup = fc.oneof(
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
      fc.tuple(fc.json({ maxDepth: 3 }), fc.nat(), piece).map(([text, at, inserted]) => {
        const cut = at % (text.length + 1)
        return text.slice(0, cut) + inserted + text.slice(cut)
      }),
      fc.tuple(fc.json({ maxDepth: 3 }), fc.nat()).map(([text, at]) => {
        const cut = at % (text.length + 1)
        return text.slice(0, cut) + text.slice(cut + 1)
      }),
    )
    const counts = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(soup, (text) => {
        const ours = refusal(() => parseJson(text))
        const theirs = refusal(() => JSON.parse(text)) === 'accepted'
        counts[theirs ? 'accepted' : 'refused'] += 1
        if (ours === 'accepted') return theirs
        if (ours === 'json_malformed') return !theirs || /[eE]/.test(text)
        return ['json_duplicate_key', 'json_forbidden_key', 'encoding_invalid'].includes(ours)
      }),
      { numRuns: 20_000 },
    )
    // The soup is worth something only if much of it lands on either side.
    expect(counts.accepted).toBeGreaterThan(1_000)
    expect(counts.refused).toBeGreaterThan(1_000)
  })
})

describe('cost', () => {
  const repeat = (piece: string) =>
    `[${Array(Math.floor(65_000 / (piece.length + 1)))
      .fill(piece)
      .join(',')}]`

  test.each([
    ['numbers', repeat('1')],
    ['long numbers', repeat('0.300000000000000001')],
    ['empty objects', repeat('{}')],
    ['escapes', `"${'\\u0061'.repeat(10_000)}"`],
    ['escaped keys', `{${Array.from({ length: 4_000 }, (_, index) => `"\\u0061${index}":1`).join(',')}}`],
    ['one long number', `1${'0'.repeat(200)}.${'0'.repeat(64_000)}1`],
    ['one long string', `"${'a'.repeat(64_000)}"`],
    ['space', `${' '.repeat(64_000)}1`],
  ])('64 kB of %s take no time to speak of', (_name, text) => {
    const before = process.hrtime.bigint()
    parseJson(Buffer.from(text))
    expect(process.hrtime.bigint() - before).toBeLessThan(500_000_000n)
  })
})
