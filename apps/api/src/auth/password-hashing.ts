import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'
import { createConcurrencyLimit } from '../limits/concurrency-limit.ts'

/** Hashes passwords; so many at a time, and so many wait: beyond that it throws OVERLOADED. */
export interface PasswordHashing {
  hash(text: string): Promise<string>
  verify(text: string, stored: string): Promise<boolean>
  /** False for a hash of another cost than today's. */
  isCurrent(stored: string): boolean
}

/** scrypt's parameters: the memory of one hash is 128 · N · r bytes. */
export interface HashingCost {
  N: number
  r: number
  p: number
}

/** One of OWASP's equals to N = 2^17, r = 8, p = 1, with 16 MiB in place of 128 (docs/adr/0020-passwords.md). */
const COST: HashingCost = { N: 16_384, r: 8, p: 5 }

// One of the four threads that a process has for such work stays free: hosts are looked up there too.
const HASHES_AT_ONCE = 3
// The last of these waits eight seconds on two cores, and its caller no longer than ten.
const HASHES_WAITING = 40
const KEY_BYTES = 64

/** The cost stands in each hash, so that it can rise. Texts are normalised by the inputs' schemas. */
export function createPasswordHashing(cost: HashingCost = COST): PasswordHashing {
  const inLine = createConcurrencyLimit({
    atOnce: HASHES_AT_ONCE,
    mostWaiting: HASHES_WAITING,
    refusal: () =>
      new AppError('OVERLOADED', 'Too many passwords are being checked; try again in two seconds.', {
        retryAfterMs: 2000,
      }),
  })
  const prefix = ['scrypt', cost.N, cost.r, cost.p, ''].join('$')

  async function derive(text: string, salt: Buffer, { N, r, p }: HashingCost): Promise<Buffer> {
    return await inLine(
      async () =>
        await new Promise((resolve, reject) => {
          const done = (error: Error | null, key: Buffer) => (error ? reject(error) : resolve(key))
          scrypt(text, salt, KEY_BYTES, { N, r, p, maxmem: 128 * r * (N + p + 2) }, done)
        }),
    )
  }

  return {
    async hash(text) {
      const salt = randomBytes(16)
      const key = await derive(text, salt, cost)
      return `${prefix}${salt.toString('base64')}$${key.toString('base64')}`
    },
    async verify(text, stored) {
      const [kind, N, r, p, salt = '', key = ''] = stored.split('$')
      const expected = Buffer.from(key, 'base64')
      if (kind !== 'scrypt' || expected.length !== KEY_BYTES) throw new Error('A stored password hash is not readable')
      const given = await derive(text, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
      return timingSafeEqual(expected, given)
    },
    isCurrent: (stored) => stored.startsWith(prefix),
  }
}
