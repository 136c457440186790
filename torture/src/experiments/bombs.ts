import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { settingsFor } from '@taskwire/api/process-testing'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { type Bomb, bombsOf } from '../bombs.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { createRandom, type Random } from '../random.ts'
import { testServer } from '../test-server.ts'
import { startWatched } from '../watched.ts'

export const promise = 'no input holds the event loop for more than 100 ms, with or without a credential'
export const sabotage = 'no limits on what the JSON of an input is made of'

const MOST_MS = 100
/** What the machine itself held up is not held up again: only what is each time is the input's doing. */
const TRIES = 4
const SIZES = {
  short: [12_000, 4 * 1024 * 1024],
  long: [1000, 4000, 12_000, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024],
}
/** Callers, and of how many bombs each sends one. */
const CALLERS = { good: { short: 3, long: 1 }, 'made up': { short: 6, long: 1 }, none: { short: 12, long: 2 } } as const

/** Sends every bomb at every size, one at a time, and looks how long the service did nothing else. */
export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  await using _server = await testServer()
  await using database = await createTestDatabase()
  const env = { ...settingsFor(database), RATE_LIMIT_PER_MINUTE: '10000000', LOG_LEVEL: 'error' }
  await using service = await startWatched(env, { bounded: !saboteur })
  const { url } = service
  const random = createRandom(seed)
  const good = await addSession(database.admin, random)
  await using probe = probeHealth(url)
  const red: string[] = []
  const slowest: { name: string; ms: number }[] = []
  let [sent, built, late] = [0, 0, 0]
  for (const bytes of SIZES[size]) {
    for (const [name, build] of Object.entries(bombsOf(bytes, random))) {
      built++
      for (const [caller, every] of Object.entries(CALLERS)) {
        if ((built + seed) % every[size] !== 0 || (saboteur && red.length > 0)) continue
        const token = { good, none: undefined, 'made up': random.token() }[caller]
        const what = `${name}, ${bytes} bytes, credential ${caller}`
        let least = Infinity
        for (let tried = 0; tried < TRIES && least > MOST_MS; tried++) {
          const bomb = build()
          await service.heldMs()
          const status = await send(url, bomb, token)
          sent++
          // The database has a deadline of its own, which a busy machine may miss.
          if (status === 503 || status === 504) late++
          else if (status >= 500) red.push(`${status} to ${what}`)
          least = Math.min(least, await service.heldMs())
        }
        slowest.push({ name: what, ms: least })
        if (least > MOST_MS) red.push(`held for ${Math.round(least)} ms by ${what}`)
      }
    }
    say(`${bytes} bytes: ${sent} sent, ${red.length} red`)
  }
  const health = await probe.end()
  expectThat(red, health.failed === 0, `health did not answer ${health.failed} times`)
  expectThat(red, (await service.end()) === 0, 'the service did not end by itself when told to')
  slowest.sort((a, b) => b.ms - a.ms)
  const longest = slowest.slice(0, 8).map(({ name, ms }) => [`held, ms: ${name}`, Math.round(ms)] as const)
  return {
    figures: {
      sent,
      'OVERLOADED or TIMEOUT': late,
      'health, answers': health.answers,
      'health, slowest ms': health.slowest,
      ...Object.fromEntries(longest),
    },
    red,
  }
}

async function addSession(address: Parameters<typeof connectOnce>[0]['address'], random: Random): Promise<string> {
  const [id, token] = [random.uuid(), random.token()]
  await using connection = await connectOnce({ address, applicationName: 'torture' })
  await connection.sql`insert into auth.users (id, name, email) values (${id}, 'Bombs', ${`${id}@example.com`})`
  await connection.sql`insert into auth.sessions (user_id, token_hash, expires_at)
    values (${id}, sha256(convert_to(${token}, 'UTF8')), now() + interval '1 day')`
  return token
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function send(url: string, { path, method, body, headers = {} }: Bomb, token?: string): Promise<number> {
  const address = path.startsWith('/') ? path : `/trpc/${path}`
  const query = method === 'GET' ? `${address.includes('?') ? '&' : '?'}input=${encodeURIComponent(body)}` : ''
  const sending = request(url, {
    method,
    path: `${address}${query}`,
    agent,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  })
  // Refused by its head, the rest is hung up on.
  sending.on('error', () => {})
  const answered = once(sending, 'response', { signal: AbortSignal.timeout(60_000) })
  sending.end(method === 'GET' ? undefined : body)
  const [response] = (await answered) as [IncomingMessage]
  response.on('error', () => {}).resume()
  await once(response, 'close')
  return response.statusCode ?? 0
}

interface Probe extends AsyncDisposable {
  end(): Promise<{ answers: number; failed: number; slowest: number }>
}

/** Asks for health all the while. */
function probeHealth(url: string): Probe {
  const over = new AbortController()
  let [answers, failed, slowest] = [0, 0, 0]
  async function ask(): Promise<void> {
    while (!over.signal.aborted) {
      const began = performance.now()
      const answer = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
      await answer?.arrayBuffer().catch(() => {})
      if (answer?.status === 200) answers++
      else failed++
      slowest = Math.max(slowest, Math.round(performance.now() - began))
      await pause(20)
    }
  }
  const asking = ask()
  async function end(): Promise<{ answers: number; failed: number; slowest: number }> {
    over.abort()
    await asking
    return { answers, failed, slowest }
  }
  return { end, [Symbol.asyncDispose]: async () => void (await end()) }
}
