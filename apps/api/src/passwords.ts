import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from './errors.ts'
import { createLimiter } from './limiter.ts'

/** Hashes passwords; so many at a time, and so many wait: beyond that it throws OVERLOADED. */
export interface Passwords {
  hash(text: string): Promise<string>
  verify(given: { hash: string; password: string }): Promise<boolean>
}

// One of the four threads that a process has for such work stays free: cookies are signed and hosts
// looked up there too.
const HASHES_AT_ONCE = 3
const HASHES_WAITING = 100
const KEY_BYTES = 64

/** Not the library's own, which would normalise the text. The costs stand in the hash, so that they can rise. */
export function createPasswords(): Passwords {
  const cost = { N: 16_384, r: 16, p: 1 }
  const inLine = createLimiter({
    atOnce: HASHES_AT_ONCE,
    mostWaiting: HASHES_WAITING,
    refusal: () => new AppError('OVERLOADED', 'Too many sign in at once', { retryAfterMs: 2000 }),
  })

  async function derive(text: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
    return await inLine(
      async () =>
        await new Promise((resolve, reject) => {
          const done = (error: Error | null, key: Buffer) => (error ? reject(error) : resolve(key))
          scrypt(text, salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, done)
        }),
    )
  }

  return {
    async hash(text: string): Promise<string> {
      const salt = randomBytes(16)
      const key = await derive(text, salt, cost)
      return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
    },
    async verify({ hash, password: text }: { hash: string; password: string }): Promise<boolean> {
      const [kind, N, r, p, salt = '', key = ''] = hash.split('$')
      const stored = Buffer.from(key, 'base64')
      if (kind !== 'scrypt' || stored.length !== KEY_BYTES) throw new Error('A stored password hash is not readable')
      const given = await derive(text, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
      return timingSafeEqual(stored, given)
    },
  }
}
