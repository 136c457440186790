import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import { AppError } from '../errors.ts'

/** Hashes passwords, a few at a time. Throws OVERLOADED when too many hashes wait. */
export interface PasswordHashing {
  hash(password: string): Promise<string>
  verify(password: string, stored: string): Promise<boolean>
  /** Whether the hash has the parameters of new hashes. */
  isCurrent(stored: string): boolean
}

/** scrypt's parameters. One hash needs 128 · N · r bytes of memory. */
export interface HashingCost {
  N: number
  r: number
  p: number
}

/** OWASP rates this equal to N = 2^17, r = 8, p = 1, which needs 128 MiB instead of 16 (docs/adr/0020-passwords.md). */
const COST: HashingCost = { N: 16_384, r: 8, p: 5 }

// Leaves one of the four threads of libuv's pool free, for name lookups.
const HASHES_AT_ONCE = 3
// On two cores, the last of these waits eight seconds. Clients wait ten.
const HASHES_WAITING = 40
const KEY_BYTES = 64

/** Each hash contains its parameters, so that new hashes can use higher ones. The input schemas normalise passwords. */
export function createPasswordHashing(cost: HashingCost = COST): PasswordHashing {
  const limit = pLimit(HASHES_AT_ONCE)
  const prefix = ['scrypt', cost.N, cost.r, cost.p, ''].join('$')

  async function derive(password: string, salt: Buffer, { N, r, p }: HashingCost): Promise<Buffer> {
    if (limit.pendingCount >= HASHES_WAITING)
      throw new AppError('OVERLOADED', 'Too many passwords are being checked; retry in two seconds.', {
        retryAfterMs: 2000,
      })
    return await limit(
      async () =>
        await new Promise((resolve, reject) => {
          const done = (error: Error | null, key: Buffer) => (error ? reject(error) : resolve(key))
          scrypt(password, salt, KEY_BYTES, { N, r, p, maxmem: 128 * r * (N + p + 2) }, done)
        }),
    )
  }

  return {
    async hash(password) {
      const salt = randomBytes(16)
      const key = await derive(password, salt, cost)
      return `${prefix}${salt.toString('base64')}$${key.toString('base64')}`
    },
    async verify(password, stored) {
      const [kind, N, r, p, salt = '', key = ''] = stored.split('$')
      const expected = Buffer.from(key, 'base64')
      if (kind !== 'scrypt' || expected.length !== KEY_BYTES) throw new Error('A stored password hash is malformed')
      const given = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
      return timingSafeEqual(expected, given)
    },
    isCurrent: (stored) => stored.startsWith(prefix),
  }
}
