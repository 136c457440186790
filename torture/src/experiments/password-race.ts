// Several callers sign in with the old password on two instances, until they are refused, while another changes the
// password.
// Fails if any session that was created with the old password is left after the change, or the new password does not
// work.

import { signIn, SignInError, signUp } from '@taskwire/client'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { createRandom } from '../random.ts'
import { type Server, startServer } from '../server.ts'

export const promise = 'After a password change no session of the old password is left.'
export const negativeControl = 'a sign-in does not check again that the password it verified is still current'

const SIZES = { short: { changes: 4, callers: 4 }, long: { changes: 100, callers: 4 } }
const [OLD, NEW] = ['correct horse battery', 'battery horse correct']

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { changes, callers } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  // Sign-in attempts are limited by IP address, so each request comes from a random one.
  await using fleet = await startFleet(server, { ownBalancer: true, settings: { TRUST_PROXY: 'true' } })
  if (isNegativeControl)
    await server.query(`create or replace function auth.lock_account(u uuid, verified text) returns boolean
      language sql as 'select true'`)
  const fetchFromRandomAddress = (): typeof globalThis.fetch => {
    const address = [10, random.below(256), random.below(256), random.below(256)].join('.')
    return async (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-forwarded-for', address)
      return await fetch(input, { ...init, headers })
    }
  }
  const randomUrl = (): string => random.pick(fleet.instances).url
  const violations: string[] = []
  let [signedIn, refused, unknown] = [0, 0, 0]

  // The time-out is long, for busy machines: an aborted request would continue in the service and count as an attempt.
  const requestOptions = () => ({
    url: randomUrl(),
    fetch: fetchFromRandomAddress(),
    signal: AbortSignal.timeout(120_000),
  })

  /** Signs in with the old password until it is refused. */
  async function signInUntilRefused(email: string): Promise<void> {
    for (;;)
      try {
        await signIn({ email, password: OLD, ...requestOptions() })
        signedIn++
      } catch (error) {
        if (!(error instanceof SignInError)) throw error
        if (error.status === 401) return void refused++
        // The outcome is unknown: the request may have created a session.
        if (error.status !== 503 && error.status !== 504) throw error
        unknown++
      }
  }

  async function changePassword(token: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { status } = await fetchFromRandomAddress()(`${randomUrl()}/auth/change-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ currentPassword: OLD, newPassword: NEW }),
      })
      // A retry may find that the first attempt has changed the password and ended this session.
      if (status === 200 || (status === 401 && attempt > 1)) return
      if (![503, 504].includes(status)) throw new Error(`change-password failed with status ${status}`)
    }
  }

  for (let nr = 1; nr <= changes; nr++) {
    const email = `${random.uuid()}@example.com`
    const { token } = await signUp({ email, password: OLD, name: 'Somebody', ...requestOptions() })
    await Promise.all([
      ...Array.from({ length: callers }, async () => await signInUntilRefused(email)),
      changePassword(token),
    ])
    const survivors = await countSessions(server, email)
    expectThat(violations, survivors === 0, `${survivors} sessions of the old password survived change ${nr}`)
    // Throws unless the new password works.
    await signIn({ email, password: NEW, ...requestOptions() })
    print(`${nr} of ${changes} changes`)
  }
  return { metrics: { changes, ok: signedIn, failed: refused, unknown }, violations }
}

async function countSessions(server: Server, email: string): Promise<number> {
  const [row] = await server.query<{ live: number }>(
    `select count(*)::int as live from auth.sessions s join auth.users u on u.id = s.user_id where u.email = '${email}'`,
  )
  return row?.live ?? -1
}
