import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/** Who sends a request, by address: who connects, or with `trustProxy` who connects to the nearest balancer. */
export function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const own = socket.remoteAddress ?? 'unknown'
  // What is before the last has been told to the balancer, by anybody. Where that one names no address, it is its own.
  const named = trustProxy ? headers['x-forwarded-for']?.toString().split(',').at(-1) : undefined
  return (named === undefined ? undefined : bareAddress(named)) ?? own
}

/** An address as balancers write it: bare, quoted, in brackets, with a port or a zone; undefined for anything else. */
function bareAddress(written: string): string | undefined {
  const text = written.trim().replace(/^"(.*)"$/, '$1')
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1]
  const [bare = ''] = (bracketed ?? text).split('%', 1)
  if (isIPv6(bare)) return bare
  const [plain = '', port = '0', ...more] = bare.split(':')
  return bracketed === undefined && isIPv4(plain) && /^\d{1,5}$/.test(port) && more.length === 0 ? plain : undefined
}

/** Whose tries count together: an IPv4 address, or the /64 of an IPv6 one, which is what one customer has. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || isIPv4(address)) return address ?? 'unknown'
  const plain = address.split('%', 1)[0] ?? ''
  if (!isIPv6(plain)) return 'unknown'
  // The address without leading zeros, and with an IPv4 address within as two groups.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array.from({ length: 8 - before.length - behind.length }, () => '0'), ...behind]
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16))
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
