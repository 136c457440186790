import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/** The remote address of calls that the service makes itself at its start (warm-up.ts). No socket has this address. */
export const OWN_ADDRESS = 'own'

/** Whether the service made the call itself. Such calls are neither logged nor counted. */
export function isOwnCall({ socket }: IncomingMessage): boolean {
  return socket.remoteAddress === OWN_ADDRESS
}

/**
 * The IP address of a request's sender: the connection's peer, or with `trustProxy` the peer of the nearest balancer.
 */
export function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const peer = socket.remoteAddress ?? 'unknown'
  // The nearest balancer appended the last entry; the entries before it may be forged.
  const forwarded = trustProxy ? headers['x-forwarded-for']?.toString().split(',').at(-1) : undefined
  return (forwarded === undefined ? undefined : bareAddress(forwarded)) ?? peer
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

/** The network that limits apply to: an IPv4 address, or the /64 of an IPv6 address, which is what one customer gets. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || isIPv4(address)) return address ?? 'unknown'
  const plain = address.split('%', 1)[0] ?? ''
  if (!isIPv6(plain)) return 'unknown'
  // URL normalises the address: no leading zeros, and an embedded IPv4 address as two groups.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16))
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
