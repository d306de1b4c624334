// Turns a name into its addresses. Merchants choose the names, of webhook endpoints and gateways alike, so they never
// go through the system's resolver: getaddrinfo blocks one of four threads that the whole process shares, and a few
// names with silent name servers would stall everyone. They are asked over the network with a short limit.
import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Every address of a name, IPv4 first; empty when it has none. Rejects when that could not be found out. */
export type NameLookup = (name: string) => Promise<readonly string[]>

const HOSTS_FILE = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts'

/** The hosts file first (host.docker.internal is there), then DNS alone. */
export function createDnsLookup(options: { servers?: readonly string[]; timeoutMs?: number; hostsFile?: string } = {}) {
  const { servers, timeoutMs = 500, hostsFile = HOSTS_FILE } = options
  const look: NameLookup = async (name) => {
    const plain = name.replace(/\.$/, '').toLowerCase()
    // RFC 6761: these never leave the machine, whatever a name server says.
    if (plain === 'localhost' || plain.endsWith('.localhost')) return ['127.0.0.1', '::1']
    const fixed = findInHosts(await readFile(hostsFile, 'utf8').catch(() => ''), plain)
    if (fixed.length > 0) return fixed
    // A new resolver each time, so that a changed resolv.conf is noticed.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    const answers = await Promise.allSettled([resolver.resolve4(plain), resolver.resolve6(plain)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    const failure = answers.find((answer) => answer.status === 'rejected' && !isAbsence(answer.reason))
    // Many name servers mishandle one family; what the other one answered is enough to go by.
    if (addresses.length === 0 && failure?.status === 'rejected') throw failure.reason
    return sortByFamily(addresses)
  }
  return look
}

/** The addresses that a hosts file gives a name. */
export function findInHosts(text: string, name: string): readonly string[] {
  const found: string[] = []
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) !== 0 && names.some((it) => it.toLowerCase() === name)) found.push(address)
  }
  return sortByFamily(found)
}

function isAbsence(reason: unknown): boolean {
  const { code } = reason as NodeJS.ErrnoException
  return code === 'ENODATA' || code === 'ENOTFOUND'
}

// A machine without a route to IPv6 then loses no time on it.
function sortByFamily(addresses: readonly string[]): readonly string[] {
  return [...addresses].sort((one, other) => isIP(one) - isIP(other))
}
