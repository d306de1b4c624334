// Decides which addresses and URLs Purser may call. Pure: it resolves nothing, so a name that passes here has only
// passed on paper; http/client.ts asks isAllowedAddress again for every address the name has, inside the connect.
// Whatever is not certainly public unicast is refused; only the operator's list (PURSER_ALLOW_TARGETS) opens more.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { AppError } from '../kernel/errors.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [Address, number]

export type TargetPolicy = {
  /** CIDRs of PURSER_ALLOW_TARGETS: open to https and to plain http, whatever they are. */
  readonly allow: readonly string[]
}

const MAX_URL_LENGTH = 2048

// Unicast in the registries, and yet never a merchant: fabric and service addresses that clouds serve to their own
// machines, some of which hand out credentials.
const NEVER_PUBLIC: readonly Range[] = [
  '168.63.129.16/32', // Azure's wire server.
  '161.26.0.0/16', // IBM Cloud's infrastructure services.
  '166.8.0.0/14', // IBM Cloud's service endpoints.
  '192.88.99.0/24', // The retired 6to4 relay anycast.
].map((cidr) => ipaddr.parseCIDR(cidr))

// All global unicast IPv6 that was ever handed out is in here; local, compatible and translated forms are not.
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16')
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96')

/**
 * Reads PURSER_ALLOW_TARGETS: `none`, nothing, or CIDRs and single addresses parted by commas or blanks.
 * @throws Error naming the item that cannot be read
 */
export function parseTargetPolicy(text: string): TargetPolicy {
  const items = text.split(/[\s,]+/).filter((item) => item !== '')
  if (items.length === 0 || (items.length === 1 && items[0] === 'none')) return { allow: [] }
  return { allow: [...new Set(items.map(readCidr))] }
}

/** Whether a connection to this literal address may be opened. Anything but a canonical literal is refused. */
export function isAllowedAddress(address: string, policy: TargetPolicy): boolean {
  return isOpenedAddress(address, policy) || isPublicAddress(address)
}

/** Whether the operator's list holds this literal address: then plain http is allowed too. */
export function isOpenedAddress(address: string, policy: TargetPolicy): boolean {
  const parsed = readAddress(address)
  return parsed !== undefined && policy.allow.some((cidr) => holds(ipaddr.parseCIDR(cidr), parsed))
}

/**
 * Reads a URL that Purser is asked to call. Plain http passes for an address the operator opened, and for a name
 * while the operator opened anything at all: its addresses are then judged at connect.
 * @throws AppError url_refused with a `reason`
 */
export function checkTargetUrl(text: string, policy: TargetPolicy): URL {
  const url = readUrl(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse('scheme')
  if (!isAllowedPort(url)) refuse('port')
  // IPv6 literals stand in brackets here.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) {
    if (url.protocol === 'http:' && !isOpenedAddress(host, policy)) refuse('plain_http')
    if (!isAllowedAddress(host, policy)) refuse('address')
    return url
  }
  if (!isHostName(host)) refuse('host')
  if (url.protocol === 'http:' && policy.allow.length === 0) refuse('plain_http')
  return url
}

function readUrl(text: string): URL {
  if (text.length > MAX_URL_LENGTH) refuse('length')
  // The URL standard silently drops tabs and line breaks, reads backslashes as slashes, and forgives missing slashes
  // and an empty userinfo. Whatever needs forgiving was not written by someone with an ordinary address.
  if (hasForgivenCharacter(text)) refuse('malformed')
  if (text.includes('#')) refuse('fragment')
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?]+)/i.exec(text)?.[1]
  if (authority === undefined || !URL.canParse(text)) refuse('malformed')
  if (authority.includes('@')) refuse('userinfo')
  const url = new URL(text)
  if (url.href.length > MAX_URL_LENGTH) refuse('length')
  return url
}

function hasForgivenCharacter(text: string): boolean {
  for (const character of text) {
    if (character <= ' ' || character === '\u007f' || character === '\\' || /\s/.test(character)) return true
  }
  return false
}

function isAllowedPort(url: URL): boolean {
  // An empty port is the scheme's own. Ports of other well-known services below 1024 stay shut: nobody receives
  // webhooks on 25 or 22, and talking HTTP at a mail server is an old trick.
  return url.port === '' || Number.parseInt(url.port, 10) >= 1024
}

function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, '').split('.')
  return host.length <= 254 && labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
}

function isPublicAddress(address: string): boolean {
  const parsed = readAddress(address)
  return parsed !== undefined && isPublic(parsed)
}

function isPublic(address: Address): boolean {
  const embedded = embeddedIPv4(address)
  if (embedded !== undefined) return isPublic(embedded)
  if (address.range() !== 'unicast') return false
  if (address.kind() === 'ipv6' && !holds(GLOBAL_UNICAST, address)) return false
  return !NEVER_PUBLIC.some((range) => holds(range, address))
}

/** Strict: net.isIP knows only canonical forms, so `0x7f.1` or `017700000001` never reach the lenient parser. */
function readAddress(text: string): Address | undefined {
  // A zone (fe80::1%eth0) picks an interface of this machine.
  if (isIP(text) === 0 || text.includes('%')) return undefined
  const address = ipaddr.parse(text)
  // ::ffff:10.0.0.1 goes out as 10.0.0.1: it is that address in every respect, also for the operator's list.
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** The IPv4 address that a router on the way takes out of an IPv6 one. */
function embeddedIPv4(address: Address): Address | undefined {
  if (holds(SIX_TO_FOUR, address)) return ipaddr.fromByteArray(address.toByteArray().slice(2, 6))
  if (holds(NAT64, address)) return ipaddr.fromByteArray(address.toByteArray().slice(12, 16))
  return undefined
}

function holds(range: Range, address: Address): boolean {
  const [base, bits] = range
  return address.kind() === base.kind() && address.match(base, bits)
}

function readCidr(item: string): string {
  const [text = '', bits, ...rest] = item.split('/')
  const address = isIP(text) !== 0 && !text.includes('%') ? ipaddr.parse(text) : undefined
  if (address === undefined || rest.length > 0) throw new Error(`"${item}" is not an address or CIDR.`)
  const whole = address.kind() === 'ipv4' ? 32 : 128
  const length = bits === undefined ? whole : /^\d{1,3}$/.test(bits) ? Number.parseInt(bits, 10) : whole + 1
  if (length > whole) throw new Error(`"${item}" has no valid prefix length.`)
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    throw new Error(`"${item}" is an IPv4 range in disguise: write it as IPv4.`)
  }
  const canonical = `${address.toString()}/${length}`
  const first = ipaddr.parse(networkOf(canonical))
  // 10.1.2.3/8 opens far more than its writer may have meant.
  if (first.toString() !== address.toString()) {
    throw new Error(`"${item}" does not start its range: did you mean ${first.toString()}/${length}?`)
  }
  return canonical
}

function networkOf(cidr: string): string {
  const kind = cidr.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4
  return kind.networkAddressFromCIDR(cidr).toString()
}

function refuse(reason: string): never {
  throw new AppError('url_refused', { reason })
}
