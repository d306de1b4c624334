import { describe, expect, test } from 'vitest'
import { AppError } from '../kernel/errors.ts'
import { checkTargetUrl, isAllowedAddress, isOpenedAddress, parseTargetPolicy } from './target-guard.ts'

const NONE = parseTargetPolicy('none')
const LOOPBACK = parseTargetPolicy('127.0.0.0/8, ::1/128')

function reasonFor(url: string, policy = NONE): string {
  try {
    checkTargetUrl(url, policy)
    return 'allowed'
  } catch (error) {
    if (error instanceof AppError && error.code === 'url_refused') return String(error.details['reason'])
    throw error
  }
}

// One or more of every range that leads somewhere private, local or special.
const FORBIDDEN_IPV4 = [
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.254',
  '100.64.0.1', // carrier-grade NAT
  '100.100.100.200', // Alibaba's metadata
  '127.0.0.1',
  '127.1.2.3',
  '168.63.129.16', // Azure's wire server
  '166.8.0.1',
  '161.26.0.10',
  '169.254.0.1',
  '169.254.169.254', // metadata nearly everywhere
  '169.254.170.2', // task credentials on ECS
  '172.16.0.1',
  '172.31.255.254',
  '192.0.0.192', // Oracle's metadata
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '198.18.0.1', // benchmark
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
]

const hex = (value: number, digits = 1) => value.toString(16).padStart(digits, '0')

/** Ways in which browsers, C libraries and translators write one IPv4 address. */
function spellingsOf(address: string): string[] {
  const bytes = address.split('.').map((part) => Number.parseInt(part, 10))
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  const whole = ((a * 256 + b) * 256 + c) * 256 + d
  const high = `${hex(a, 2)}${hex(b, 2)}`
  const low = `${hex(c, 2)}${hex(d, 2)}`
  return [
    address,
    `${address}.`,
    `${whole}`,
    `0x${hex(whole)}`,
    `0X${hex(whole, 8).toUpperCase()}`,
    `0${whole.toString(8)}`,
    bytes.map((byte) => `0x${hex(byte)}`).join('.'),
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    bytes.map((byte) => `0000${byte.toString(8)}`).join('.'),
    `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `0x${hex(a)}.0x${hex((b * 256 + c) * 256 + d)}`,
    `${a}.${b}.${c * 256 + d}`,
    address.replace(/\./g, '。'),
    Array.from(address, (it) => (it === '.' ? it : String.fromCodePoint(0xff10 + Number.parseInt(it, 10)))).join(''),
    Array.from(address, (it) => `%${hex(it.charCodeAt(0), 2)}`).join(''),
    `[::ffff:${address}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:FFFF:${high}:${low}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b::${high}:${low}]`,
    `[64:ff9b:1::${address}]`,
    `[2002:${high}:${low}::]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:${high}:${low}::1]`,
  ]
}

const FORBIDDEN_IPV6 = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '100::1', // discard
  'fc00::1',
  'fd00::1',
  'fd00:ec2::254', // Amazon's metadata
  'fd20:ce::254', // Google's metadata
  'fe80::1',
  'fe80::a9fe:a9fe',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff05::1:3',
  '2001:db8::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '3fff::1',
  '5f00::1',
  '4000::1',
  '8000::1',
  '::2',
  '64:ff9b:1:7f00:0:1::',
]

const BLOCKED = [...new Set([...FORBIDDEN_IPV4.flatMap(spellingsOf), ...FORBIDDEN_IPV6.map((it) => `[${it}]`)])]

const ALLOWED_HOSTS = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '168.63.129.15',
  '169.253.255.255',
  '169.255.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '191.255.255.255',
  '192.167.255.255',
  '192.169.0.1',
  '198.17.255.255',
  '198.20.0.1',
  '223.255.255.254',
  '134744072', // 8.8.8.8
  '0x08080808',
  '[2606:4700:4700::1111]',
  '[2001:4860:4860::8888]',
  '[2400:cb00::1]',
  '[2a00:1450:4001:830::200e]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::8.8.8.8]', // how an IPv6-only network reaches a public IPv4 host
  '[2002:0808:0808::1]',
  'example.com',
  'EXAMPLE.com',
  'example.com.',
  'a.b.c.d.example.co.in',
  'xn--bcher-kva.example',
  'bücher.example',
  'under_score.example.com',
  'shop-1.example',
]

describe('refusing where requests must not go', () => {
  test('there are at least 300 different spellings to refuse', () => {
    expect(BLOCKED.length).toBeGreaterThanOrEqual(300)
  })

  test.each(BLOCKED)('https://%s/ is refused', (host) => {
    expect(reasonFor(`https://${host}/hook`)).not.toBe('allowed')
    expect(reasonFor(`http://${host}/hook`)).not.toBe('allowed')
  })

  test('an address that a resolver hands out is refused in every literal form', () => {
    const literals = [...FORBIDDEN_IPV4.flatMap(spellingsOf), ...FORBIDDEN_IPV6].map((it) => it.replace(/[[\]]/g, ''))
    expect(literals.filter((literal) => isAllowedAddress(literal, NONE))).toEqual([])
  })

  test.each(['', ' ', 'localhost', '1.2.3', '8.8.8.8.', '08.8.8.8', '134744072', '2606:4700::1111%eth0', '8.8.8.8/32'])(
    'an address that is not a canonical literal is refused: "%s"',
    (text) => {
      expect(isAllowedAddress(text, NONE)).toBe(false)
    },
  )
})

describe('allowing ordinary public addresses', () => {
  test('there are at least 30 of them here', () => {
    expect(ALLOWED_HOSTS.length).toBeGreaterThanOrEqual(30)
  })

  test.each(ALLOWED_HOSTS)('https://%s/ is allowed', (host) => {
    expect(reasonFor(`https://${host}/hook?x=1`)).toBe('allowed')
  })

  test.each([
    'https://example.com',
    'https://example.com:443/',
    'https://example.com:8443/',
    'https://example.com:1024',
  ])('%s has an allowed port', (url) => {
    expect(reasonFor(url)).toBe('allowed')
  })
})

describe('what a URL must look like', () => {
  test.each([
    ['ftp://example.com/', 'scheme'],
    ['file:///etc/passwd', 'malformed'],
    ['javascript:alert(1)', 'malformed'],
    ['gopher://example.com/', 'scheme'],
    ['wss://example.com/', 'scheme'],
    ['http://example.com/', 'plain_http'],
    ['http://8.8.8.8/', 'plain_http'],
    ['https://user@example.com/', 'userinfo'],
    ['https://user:secret@example.com/', 'userinfo'],
    ['https://example.com@127.0.0.1/', 'userinfo'],
    ['https://@example.com/', 'userinfo'],
    ['https://example.com/#part', 'fragment'],
    ['https://example.com/#', 'fragment'],
    ['https://example.com:22/', 'port'],
    ['https://example.com:25/', 'port'],
    ['https://example.com:80/', 'port'],
    ['https://example.com:0/', 'port'],
    ['https://example.com:65536/', 'malformed'],
    ['https:example.com', 'malformed'],
    ['https:/example.com', 'malformed'],
    ['https:///example.com', 'malformed'],
    ['//example.com/', 'malformed'],
    ['example.com', 'malformed'],
    ['https://', 'malformed'],
    ['', 'malformed'],
    [' https://example.com/', 'malformed'],
    ['https://example.com/ ', 'malformed'],
    ['ht\ntps://example.com/', 'malformed'],
    ['https://exam\tple.com/', 'malformed'],
    ['https://example.com\\@evil.example/', 'malformed'],
    ['https://example.com/\r\nhost: evil', 'malformed'],
    ['https://exa\u0000mple.com/', 'malformed'],
    ['https://exam ple.com/', 'malformed'],
    ['https://1.2.3.4.5/', 'malformed'],
    ['https://256.1.1.1/', 'malformed'],
    ['https://[::1/', 'malformed'],
    ['https://[fe80::1%25eth0]/', 'malformed'],
    ['https://a..example.com/', 'host'],
    ['https://*.example.com/', 'host'],
    [`https://${'a'.repeat(64)}.example/`, 'host'],
    [`https://example.com/${'a'.repeat(2048)}`, 'length'],
    [`https://example.com/${'é'.repeat(500)}`, 'length'],
  ])('%j is refused: %s', (url, reason) => {
    expect(reasonFor(url)).toBe(reason)
  })

  test('the URL that comes back is the one that will be called, in canonical form', () => {
    expect(checkTargetUrl('HTTPS://EXAMPLE.com:443/a b'.replace(' ', '%20'), NONE).href).toBe(
      'https://example.com/a%20b',
    )
  })
})

describe('what the operator opened', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.0.0.1:7301/x',
    'http://127.1:8080/',
    'http://[::1]:3000/',
    'https://[::1]/',
  ])('%s is allowed once loopback is open', (url) => {
    expect(reasonFor(url, LOOPBACK)).toBe('allowed')
  })

  test.each([
    ['http://10.0.0.1/', 'plain_http'],
    ['https://10.0.0.1/', 'address'],
    ['https://169.254.169.254/', 'address'],
    ['http://8.8.8.8/', 'plain_http'],
    ['http://127.0.0.1:25/', 'port'],
    ['http://127.0.0.1:443/', 'port'],
    ['http://user@127.0.0.1/', 'userinfo'],
  ])('opening loopback opens nothing else: %s', (url, reason) => {
    expect(reasonFor(url, LOOPBACK)).toBe(reason)
  })

  test('plain http to a name is left to the connect while anything is open', () => {
    expect(reasonFor('http://billing.example/', LOOPBACK)).toBe('allowed')
  })

  test('an IPv4 range covers the mapped form, which is the same destination, but no translated form', () => {
    expect(isOpenedAddress('::ffff:127.0.0.1', LOOPBACK)).toBe(true)
    expect(isAllowedAddress('64:ff9b::7f00:1', LOOPBACK)).toBe(false)
    expect(isAllowedAddress('2002:7f00:1::', LOOPBACK)).toBe(false)
    expect(isOpenedAddress('8.8.8.8', LOOPBACK)).toBe(false)
  })

  test('everything can be opened, by someone who says so', () => {
    const everything = parseTargetPolicy('0.0.0.0/0,::/0')
    expect(
      ['10.0.0.1', '169.254.169.254', 'fd00::1', '8.8.8.8'].filter((it) => !isOpenedAddress(it, everything)),
    ).toEqual([])
  })
})

describe('reading PURSER_ALLOW_TARGETS', () => {
  test.each(['', '  ', 'none', ' none '])('"%s" opens nothing', (text) => {
    expect(parseTargetPolicy(text).allow).toEqual([])
  })

  test.each([
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['10.0.0.0/8,fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
    [' 10.0.0.0/8 , 192.168.1.20\n::1 ', ['10.0.0.0/8', '192.168.1.20/32', '::1/128']],
    ['0.0.0.0/0', ['0.0.0.0/0']],
    ['10.0.0.0/8,10.0.0.0/8', ['10.0.0.0/8']],
    ['0:0:0:0:0:0:0:1', ['::1/128']],
  ])('%j is read', (text, allow) => {
    expect(parseTargetPolicy(text).allow).toEqual(allow)
  })

  test.each([
    ['10.0.0.0/8,localhost', '"localhost"'],
    ['10.0.0.0/33', '"10.0.0.0/33"'],
    ['::/129', '"::/129"'],
    ['10.0.0.0/', '"10.0.0.0/"'],
    ['10.0.0.0/8/8', '"10.0.0.0/8/8"'],
    ['10.0.0.0/-1', '"10.0.0.0/-1"'],
    ['10.0.0/8', '"10.0.0/8"'],
    ['0x0a.0.0.0/8', '"0x0a.0.0.0/8"'],
    ['10.1.2.3/8', 'did you mean 10.0.0.0/8?'],
    ['fd12::1/8', 'did you mean fd00::/8?'],
    ['fe80::1%eth0', '"fe80::1%eth0"'],
    ['::ffff:10.0.0.0/104', 'write it as IPv4'],
    ['none,10.0.0.0/8', '"none"'],
    ['*', '"*"'],
  ])('%j is refused, naming the item', (text, message) => {
    expect(() => parseTargetPolicy(text)).toThrow(message)
  })
})
