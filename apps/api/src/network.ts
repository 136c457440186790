import { isIPv4, isIPv6 } from 'node:net'

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
