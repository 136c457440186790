import { signIn, SignInError, signUp } from '@taskwire/client'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { createRandom } from '../random.ts'
import { type Server, startServer } from '../server.ts'

export const promise = 'A changed password ends what the old one began.'
export const sabotage = 'what acts does not ask again whether the password is still that which was checked'

const SIZES = { short: { changes: 4, callers: 4 }, long: { changes: 100, callers: 4 } }
const [OLD, NEW] = ['correct horse battery', 'battery horse correct']

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { changes, callers } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  // Attempts are counted by address: each request is of another.
  await using fleet = await startFleet(server, { ownBalancer: true, settings: { TRUST_PROXY: 'true' } })
  if (saboteur)
    await server.query(`create or replace function auth.lock_account(u uuid, verified text) returns boolean
      language sql as 'select true'`)
  const from = (): typeof globalThis.fetch => {
    const address = [10, random.below(256), random.below(256), random.below(256)].join('.')
    return async (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-forwarded-for', address)
      return await fetch(input, { ...init, headers })
    }
  }
  const url = (): string => random.pick(fleet.instances).url
  const red: string[] = []
  let [begun, refused, unknown] = [0, 0, 0]

  // However busy the machine is: one that is given up goes on there, and counts as an attempt until it ends.
  const patient = () => ({ url: url(), fetch: from(), signal: AbortSignal.timeout(120_000) })

  /** Signs in with the old password until it is refused. */
  async function signInWhileItLasts(email: string): Promise<void> {
    for (;;)
      try {
        await signIn({ email, password: OLD, ...patient() })
        begun++
      } catch (error) {
        if (!(error instanceof SignInError)) throw error
        if (error.status === 401) return void refused++
        // None for now: it may have made a session all the same.
        if (error.status !== 503 && error.status !== 504) throw error
        unknown++
      }
  }

  async function changePassword(token: string): Promise<void> {
    for (let sent = 1; ; sent++) {
      const { status } = await from()(`${url()}/auth/change-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ currentPassword: OLD, newPassword: NEW }),
      })
      // Sent again after no answer, it finds that its session has ended by the change.
      if (status === 200 || (status === 401 && sent > 1)) return
      if (![503, 504].includes(status)) throw new Error(`The change was answered with ${status}`)
    }
  }

  for (let nr = 1; nr <= changes; nr++) {
    const email = `${random.uuid()}@example.com`
    const { token } = await signUp({ email, password: OLD, name: 'Somebody', ...patient() })
    await Promise.all([
      ...Array.from({ length: callers }, async () => await signInWhileItLasts(email)),
      changePassword(token),
    ])
    const survivors = await sessionsOf(server, email)
    expectThat(red, survivors === 0, `${survivors} sessions of the old password outlived change ${nr}`)
    // The new one serves.
    await signIn({ email, password: NEW, ...patient() })
    say(`${nr} of ${changes} changes`)
  }
  return { figures: { changes, ok: begun, failed: refused, unknown }, red }
}

async function sessionsOf(server: Server, email: string): Promise<number> {
  const [row] = await server.query<{ live: number }>(
    `select count(*)::int as live from auth.sessions s join auth.users u on u.id = s.user_id where u.email = '${email}'`,
  )
  return row?.live ?? -1
}
