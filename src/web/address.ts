/** Which rule keeps an address from being public; `public`: none does. */
type AddressKind =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'carrier-grade NAT'
  | 'multicast'
  | 'documentation'
  | 'reserved'

/** An IP address as its 4 or 16 bytes. */
type AddressBytes = readonly number[]

/** The bytes of an IP address as `dns.lookup` and `URL` write it; undefined for other texts, such as octal forms. */
export function parseAddress(text: string): AddressBytes | undefined {
  const plain = text.replace(/^\[|\]$/g, '').split('%', 1)[0]!
  return plain.includes(':') ? parseV6(plain) : parseV4(plain)
}

function parseV4(text: string): AddressBytes | undefined {
  const parts = text.split('.')
  const isPlain = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return isPlain ? parts.map(Number) : undefined
}

function parseV6(text: string): AddressBytes | undefined {
  const [, hex, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  const tail = dotted === undefined ? [] : parseV4(dotted)
  if (!tail) return undefined
  const [before, after, more] = (hex === undefined ? text : hex.replace(/([^:]):$/, '$1')).split('::')
  if (more !== undefined) return undefined
  const [left, right] = [groupsOf(before!), after === undefined ? undefined : groupsOf(after)]
  if (!left || (after !== undefined && !right)) return undefined
  const gap = 16 - left.length - (right?.length ?? 0) - tail.length
  if (after === undefined ? gap !== 0 : gap < 0) return undefined
  return [...left, ...Array<number>(gap).fill(0), ...(right ?? []), ...tail]
}

function groupsOf(text: string): readonly number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
}

/** The kind of an address. An IPv6 address that carries an IPv4 address is of that one's kind. */
export function classifyAddress(bytes: AddressBytes): AddressKind {
  return bytes.length === 4 ? classifyV4(bytes) : classifyV6(bytes)
}

/** A range of addresses such as 10.0.0.0/8. */
export type AddressRange = { readonly bytes: AddressBytes; readonly bits: number }

/** The range of a text such as `10.0.0.0/8`, or of one address; undefined for any other text. */
export function parseRange(text: string): AddressRange | undefined {
  const [address, length, more] = text.split('/')
  const bytes = parseAddress(address!)
  if (!bytes || more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const bits = length === undefined ? bytes.length * 8 : Number(length)
  return bits <= bytes.length * 8 ? { bytes, bits } : undefined
}

/** Whether an address lies in a range. An IPv4 address mapped into IPv6 lies where the IPv4 address does. */
export function isInRange(address: AddressBytes, { bytes, bits }: AddressRange): boolean {
  const plain = address.length === 16 && bytes.length === 4 && startsWith(address, MAPPED) ? address.slice(12) : address
  if (plain.length !== bytes.length) return false
  return bytes.every((byte, index) => {
    const compared = Math.min(8, Math.max(0, bits - index * 8))
    return byte >> (8 - compared) === plain[index]! >> (8 - compared)
  })
}

const V4_KINDS: readonly (readonly [range: string, kind: AddressKind])[] = [
  // the services of clouds that hand credentials to whoever asks
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['192.0.0.192', 'metadata'],
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]

const V6_KINDS: readonly (readonly [range: string, kind: AddressKind])[] = [
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['fd00:ec2::254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  // Teredo, benchmarks, ORCHID and the rest of what is assigned to protocols
  ['2001::/23', 'reserved'],
]

const ranges = (kinds: readonly (readonly [string, AddressKind])[]) =>
  kinds.map(([text, kind]) => ({ range: parseRange(text)!, kind }))
const V4 = ranges(V4_KINDS)
const V6 = ranges(V6_KINDS)

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
const GLOBAL_UNICAST = parseRange('2000::/3')!

/** Prefixes behind which an IPv4 address stands, and where. */
const CARRIERS: readonly (readonly [prefix: AddressBytes, at: number])[] = [
  [MAPPED, 12],
  // translated: ::ffff:0:a.b.c.d
  [[0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0], 12],
  // NAT64
  [[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 12],
  // 6to4
  [[0x20, 0x02], 2],
]

function classifyV4(bytes: AddressBytes): AddressKind {
  return V4.find(({ range }) => isInRange(bytes, range))?.kind ?? 'public'
}

function classifyV6(bytes: AddressBytes): AddressKind {
  const [, at] = CARRIERS.find(([prefix]) => startsWith(bytes, prefix)) ?? []
  if (at !== undefined) return classifyV4(bytes.slice(at, at + 4))
  const kind = V6.find(({ range }) => isInRange(bytes, range))?.kind
  if (kind) return kind
  if (!isInRange(bytes, GLOBAL_UNICAST)) return 'reserved'
  return classifyIsatap(bytes)
}

/** ISATAP carries an IPv4 address in the last four bytes of any prefix. */
function classifyIsatap(bytes: AddressBytes): AddressKind {
  const isIsatap = (bytes[8]! & 0xfc) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe
  return isIsatap ? classifyV4(bytes.slice(12)) : 'public'
}

function startsWith(bytes: AddressBytes, prefix: AddressBytes): boolean {
  return prefix.every((byte, index) => bytes[index] === byte)
}
