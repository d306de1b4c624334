import { describe, expect, test } from 'vitest'
import { HOSTILE_NAMES } from '../testing/hostile-names.ts'
import { printableText } from './printable-text.ts'

const latinAndDevanagari = (codePoint: number) =>
  (codePoint >= 0x20 && codePoint < 0x370) || (codePoint >= 0x900 && codePoint < 0x980) || codePoint === 0x200d

describe('printableText', () => {
  test.each([
    ['Asha Sharma', 'Asha Sharma', true],
    ['  two\nlines\t and\u00a0more ', 'two lines and more', true],
    ['\u202Egnp.exe\u2066', 'gnp.exe', true],
    ['a\u0000b\u001bc\u200Bd\uFEFFe', 'abcd e', true],
    ['e\u0301', 'é', true],
    ['महोदय क्\u200Dष', 'महोदय क्\u200Dष', true],
    ['a\u200Db', 'ab', true],
    ['श्री', 'श्री', true],
    ['म 社 x', 'म \uFFFD x', false],
    ['👩‍👩‍👧', '\uFFFD\uFFFD\uFFFD', false],
    ['q\u0323\u0302\u0300\u0301\u0303\u0304', 'q\u0323\u0302\u0300\u0301', false],
    ['', '', true],
  ])('makes %j into %j', (given, text, complete) => {
    expect(printableText(given, 100, latinAndDevanagari)).toEqual({ text, complete })
  })

  test('cuts off between letters and says so', () => {
    const given = 'क्षि'.repeat(10)
    const { text, complete } = printableText(given, 4, latinAndDevanagari)
    expect(complete).toBe(false)
    expect(text.endsWith('…')).toBe(true)
    expect(given.startsWith(text.slice(0, -1))).toBe(true)
  })

  test('leaves nothing that is not seen or turns the line around, whatever the name', () => {
    expect(HOSTILE_NAMES.length).toBeGreaterThanOrEqual(500)
    const texts = HOSTILE_NAMES.map((name) => printableText(name, 100, latinAndDevanagari).text)
    expect(texts.filter((text) => /[\p{Cc}\p{Cs}\p{Co}\p{Bidi_Control}\n\u2028\u2029]/u.test(text))).toEqual([])
  })
})
