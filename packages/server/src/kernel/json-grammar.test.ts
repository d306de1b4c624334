import { describe, expect, test } from 'vitest'
import { AppError } from './errors.ts'
import { parseJson } from './json.ts'

const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
  return 'accepted'
}

describe('what JSON is', () => {
  test.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '0.5',
    '-0.0',
    '1e2',
    '1E+2',
    '1e-2',
    '0e1',
    '123.456e78',
    '1e-999',
    '9007199254740993',
    '""',
    '"a"',
    '"\\""',
    '"\\\\"',
    '"\\/\\b\\f\\n\\r\\t"',
    '"\\u0041"',
    '"\\uD834\\uDD1E"',
    '"𝄞"',
    '"\u007f\u2028\u2029\ufeff"',
    '"\\u0000"',
    '[]',
    '{}',
    '[[]]',
    '[{}]',
    '{"":0}',
    '{"a":[]}',
    ' \t\r\n[ 1 , 2 ]\n',
    '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
    '{"length":1,"toString":2,"hasOwnProperty":3}',
    '["constructor","__proto__","prototype"]',
    '[1.0000000000000000000000000000000001]',
  ])('%j is accepted, and means what JSON.parse says', (text) => {
    const expected: unknown = JSON.parse(text)
    expect(parseJson(text).value).toEqual(expected)
    expect(parseJson(Buffer.from(text)).value).toEqual(expected)
  })

  test.each([
    '',
    ' ',
    '\n',
    'nul',
    'nulll',
    'null null',
    'True',
    'NaN',
    'Infinity',
    '-Infinity',
    'undefined',
    '-',
    '+1',
    '01',
    '-01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '1.e1',
    '0x1',
    '1_000',
    '1 000',
    '１',
    '1e999',
    '-1e999',
    `1${'0'.repeat(400)}`,
    "'a'",
    'a',
    '"',
    '"a',
    '"\\"',
    '"\\a"',
    '"\\x41"',
    '"\\u004"',
    '"\\u00g0"',
    '"\\U0041"',
    '"\t"',
    '"\n"',
    '"\u0000"',
    '"a" "b"',
    '[',
    ']',
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[,]',
    '[1 2]',
    '[1,,2]',
    '[1}',
    '{',
    '}',
    '{]',
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{,"a":1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a"::1}',
    '{a:1}',
    "{'a':1}",
    '{1:1}',
    '{null:1}',
    '{"a":1}}',
    '{"a":1}]',
    '{"a":1}#',
    '[1]x',
    '// a\n1',
    '/* a */1',
    '[1] // a',
    '\u00a0[1]',
    '\u000b[1]',
    '[1]\u0000',
    '\u2028[1]',
    '\\u007b}',
  ])('%j is refused', (text) => {
    expect(refusal(() => parseJson(text))).toBe('json_malformed')
    expect(refusal(() => parseJson(Buffer.from(text)))).toBe('json_malformed')
  })

  test('says where the text goes wrong', () => {
    const wrong = expect.objectContaining({ code: 'json_malformed', details: { position: 8 } })
    expect(() => parseJson('{"a": 1 "b": 2}')).toThrow(wrong)
  })
})
