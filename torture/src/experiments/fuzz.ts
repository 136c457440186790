import { once } from 'node:events'
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { connect as dial } from 'node:net'
import { settingsFor } from '@taskwire/api/process-testing'
import { RUNS } from '@taskwire/api/text-testing'
import { createClient, isTaskwireError } from '@taskwire/client'
import { APP_CODES } from '@taskwire/contract'
import { createClient as connect } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { damage } from '../damage.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { FOUND } from '../fuzz-corpus.ts'
import { generateInput } from '../generate.ts'
import { type NamedProcedure, procedures } from '../procedures.ts'
import { createRandom, type Random } from '../random.ts'
import { type RawCase, rawCases } from '../raw-cases.ts'
import { type RawAnswer, sendRaw } from '../raw-http.ts'
import { testServer } from '../test-server.ts'
import { startWatched } from '../watched.ts'

export const promise = 'nothing malformed gets through: no 5xx, no crash, nothing internal in a reply or in the log'
export const sabotage = 'a constraint of the database that the contract does not know of'

const CALLS = { short: 2500, long: 200_000 }
const SENDERS = 8
/** Of processor time, and by what several senders ask at once; the experiment of bombs has them one at a time. */
const MOST_HELD_MS = 200
/** Raw requests come between so many calls. */
const RAW_EVERY = 40

export interface FuzzOptions extends Options {
  /** In place of the size's. */
  calls?: number
}

interface Tally {
  calls: number
  requests: number
  raw: number
  ok: number
  refused: number
  overloaded: number
  /** Good calls in between, which have to be done. */
  good: number
  red: string[]
}

/** Calls that are generated from the schemas, damaged or not, and raw requests, to a service of its own. */
export async function run({ seed, size, saboteur = false, calls = CALLS[size], say }: FuzzOptions): Promise<Result> {
  await using _server = await testServer()
  await using database = await createTestDatabase()
  if (saboteur) await sabotageDatabase(database.admin)
  const env = { ...settingsFor(database), RATE_LIMIT_PER_MINUTE: '10000000', LOG_LEVEL: 'info' }
  await using service = await startWatched(env)
  const { url } = service
  const random = createRandom(seed)
  const token = await addUser(database.admin, random)
  // What is done by chance, a bulk purge among it, does not reach the tasks of this one.
  const goodToken = await addUser(database.admin, random)
  const tally: Tally = { calls: 0, requests: 0, raw: 0, ok: 0, refused: 0, overloaded: 0, good: 0, red: [] }
  const mark = `mark${random.uuid().slice(0, 8)}`
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })
  const target: Target = { url, port: Number(new URL(url).port), token, goodToken, mark, agent, tally }

  // Everything that is raw once, and what was found before; then by chance.
  for (const one of [...FOUND(token), ...rawCases(token, random)]) await tryRaw(target, one)
  const warm = await memoryOf(url)
  await service.heldMs()
  const slow = await holdSlowSenders(target.port, SLOW[size])
  const began = performance.now()
  const rawBegan = tally.raw
  // A saboteur is found or not; of faults, a few tell more than one.
  const enough = saboteur ? 1 : 30
  let told = 0
  await Promise.all(
    Array.from({ length: SENDERS }, async (_, nr) => {
      const own = random.fork(`sender ${nr}`)
      while (tally.calls < calls && tally.red.length < enough) {
        await tryCalls(target, own)
        if (own.below(40) === 0) await trySignIn(target, own)
        if (own.below(RAW_EVERY) === 0) await tryRaw(target, own.pick(rawCases(token, own)))
        if (own.below(50) === 0) await tryGood(target)
        if (tally.calls >= told + 10_000) {
          told = tally.calls
          say(`${told} calls, ${tally.raw} raw requests, ${tally.red.length} red`)
        }
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const held = Math.round(await service.heldMs())
  expectThat(tally.red, held <= MOST_HELD_MS, `the event loop was held for ${held} ms`)
  agent.destroy()
  await tryGood(target)
  // Within 30 s a request has to be there, and each half minute that is looked at.
  const open = slow.open()
  if (seconds > 90) expectThat(tally.red, open === 0, `${open} slow senders are still waited for after ${seconds} s`)
  slow.release()

  const { red, ...figures } = tally
  const heap = await memoryOf(url)
  // It is looked at again and again: garbage goes when there is need.
  expectThat(red, heap < warm * 2 + 60, `the heap has grown from ${warm} to ${heap} MB`)
  expectThat(red, service.isRunning(), 'the service has ended')
  expectThat(red, (await service.end()) === 0, 'the service did not end by itself when told to')
  for (const line of service.log().split('\n')) {
    if (line.includes(mark)) red.push(`the log holds what was sent: ${line.slice(0, 500)}`)
    if (SQL.test(line)) red.push(`the log holds SQL: ${line.slice(0, 500)}`)
    if (/"level":(50|60)/.test(line)) red.push(`the log tells of a fault: ${line.slice(0, 800)}`)
  }
  const perSecond = Math.round((tally.calls + tally.raw - rawBegan) / seconds)
  say(
    `${tally.calls} calls and ${tally.raw} raw requests, ${perSecond} a second; heap ${warm} to ${heap} MB; ${red.length} red`,
  )
  return {
    figures: {
      ...figures,
      'calls a second': perSecond,
      'event loop held, ms': held,
      'heap before, MB': warm,
      'heap after, MB': heap,
    },
    red: [...new Set(red)],
  }
}

const SLOW = { short: 200, long: 1000 }

/** Senders that each hold a connection with a request that does not come to its end. */
async function holdSlowSenders(port: number, count: number): Promise<{ open(): number; release(): void }> {
  const sockets = Array.from({ length: count }, () => dial({ port, host: '127.0.0.1' }))
  let open = count
  await Promise.all(
    sockets.map(async (socket, nr) => {
      socket.on('error', () => {}).on('close', () => open--)
      // So that its end is seen.
      socket.resume()
      await once(socket, 'connect')
      const head = 'POST /trpc/tasks.create HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
      socket.write(nr % 2 === 0 ? head : `${head}content-length: 1000\r\n\r\n{"title":`)
    }),
  )
  return {
    open: () => open,
    release() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

interface Target {
  url: string
  port: number
  token: string
  goodToken: string
  mark: string
  agent: Agent
  tally: Tally
}

type Address = Parameters<typeof connect>[0]['address']

async function addUser(address: Address, random: Random): Promise<string> {
  const [id, token] = [random.uuid(), random.token()]
  const admin = connect({ address, applicationName: 'torture' })
  await admin`insert into auth.users (id, name, email) values (${id}, 'Fuzz', ${`${id}@example.com`})`
  await admin`insert into auth.sessions (user_id, token_hash, expires_at)
    values (${id}, sha256(convert_to(${token}, 'UTF8')), now() + interval '1 day')`
  await admin.end({ timeout: 5 })
  return token
}

async function sabotageDatabase(address: Address): Promise<void> {
  const admin = connect({ address, applicationName: 'torture' })
  await admin`alter table tw.tasks add constraint tasks_sabotage_check check (title !~ '[0-4]')`
  await admin.end({ timeout: 5 })
}

/** The live heap, in MB, at its smallest over some looks. */
async function memoryOf(url: string): Promise<number> {
  let least = Infinity
  for (let look = 0; look < 5; look++) {
    const text = await (await fetch(`${url}/metrics`)).text()
    least = Math.min(least, Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]))
  }
  return Math.round(least / 1e6)
}

// A stream does not end.
const ALL = procedures.filter(({ path, kind }) => kind !== 'subscription' && path !== 'me.delete')

/** One request of one call or several, good or damaged. */
async function tryCalls(target: Target, random: Random): Promise<void> {
  const { tally, mark, token } = target
  const first = random.pick(ALL)
  const length = random.below(5) === 0 ? random.pick([2, 2, 3, 3, 5, 5, 10, 50, 51]) : 1
  const same = ALL.filter(({ kind, path }) => kind === first.kind && path !== 'me.export')
  const called: NamedProcedure[] = Array.from({ length }, (_, at) => (at === 0 ? first : random.pick(same)))
  const inputs = called.map((procedure) => {
    const input = generateInput(procedure, procedure.schema, random, sourcesOf(random))
    return random.below(3) === 0 ? input : damage(input, random, mark)
  })
  const paths = called.map(({ path }) =>
    random.below(60) === 0 ? `${path}${random.pick(['x', '.', '.__proto__', '%00'])}` : path,
  )
  const batch = length > 1
  const text = JSON.stringify(batch ? Object.assign({}, inputs) : (inputs[0] ?? {}))
  // Cut short or spoilt as text, now and then.
  const sent =
    random.below(25) === 0 ? `${text.slice(0, random.below(text.length))}${random.pick(['', '}', '\0', ',,'])}` : text
  const query = first.kind === 'query'
  const search = `${batch ? 'batch=1&' : ''}${query ? `input=${encodeURIComponent(sent.toWellFormed())}` : ''}`
  const headers = oddHeaders(random, token)
  tally.calls += length
  tally.requests++
  const answer = await send(target, {
    method: query ? 'GET' : 'POST',
    path: `/trpc/${paths.join(',')}?${search}`,
    headers: query ? headers : { 'content-type': 'application/json', ...headers },
    body: query ? '' : sent,
  })
  if (answer === undefined) return
  judge(target, answer, `${paths.slice(0, 3).join(',')} ${sent.slice(0, 600)}`)
}

const SIGN_IN_PATHS = ['sign-up/email', 'sign-in/email', 'change-password', 'reset-password', 'get-session', 'nothing']

/** A damaged request to sign in, up or out. */
async function trySignIn(target: Target, random: Random): Promise<void> {
  const good = {
    email: 'fuzz@example.com',
    password: 'wrong horse',
    name: 'Fuzz',
    revokeOtherSessions: true,
    token: 'nonsense',
  }
  const sent = JSON.stringify(damage(good, random, target.mark))
  const path = `/auth/${random.pick(SIGN_IN_PATHS)}`
  const headers = { 'content-type': 'application/json', ...oddHeaders(random, target.token) }
  target.tally.calls++
  target.tally.requests++
  const answer = await send(target, { method: 'POST', path, headers, body: sent })
  if (answer !== undefined) judge(target, answer, `${path} ${sent.slice(0, 600)}`)
}

function sourcesOf(random: Random) {
  const ids = ['01998d3e-7c1a-7000-8000-000000000001', '01998d3e-7c1a-7000-8000-000000000002']
  return {
    id: () => (random.below(3) === 0 ? random.pick(ids) : random.uuid()),
    cursor: () => random.pick(['abc', '~abc', 'WyJhIl0', '~', 'e30']),
    revision: () => random.pick([0, 1, random.below(1000), 2 ** 53 - 1]),
    text: (_field: string, maxLength: number) =>
      random.below(8) === 0
        ? `x${random.pick(Object.values(RUNS))(maxLength)}`.slice(
            0,
            random.pick([maxLength, 1 + random.below(maxLength)]),
          )
        : `word${random.below(1000)} ü牛`.slice(0, maxLength),
  }
}

function oddHeaders(random: Random, token: string): Record<string, string> {
  const authorization = `Bearer ${token}`
  switch (random.below(30)) {
    case 0:
      return {}
    case 1:
      return { authorization: `Bearer ${random.pick([random.uuid(), random.token()])}` }
    case 2:
      return { authorization, 'x-taskwire-user': random.pick(['', random.uuid(), "'; --", 'x'.repeat(3000)]) }
    case 3:
      return { authorization, 'x-taskwire-contract': random.pick(['2.0.0', '1', '', 'x'.repeat(3000)]) }
    case 4:
      return {
        cookie: `taskwire.session_token=${token}`,
        origin: random.pick(['null', 'https://evil.example', 'x']),
      }
    case 5:
      return { authorization, 'x-taskwire-space': random.pick(['', random.uuid(), "'; --", 'x'.repeat(3000)]) }
    case 6:
      return { authorization, 'x-request-id': random.pick(['', '<script>', 'x'.repeat(200)]) }
    default:
      return { authorization }
  }
}

interface Sending {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

async function send(
  { url, agent, tally }: Target,
  { method, path, headers, body }: Sending,
): Promise<RawAnswer | undefined> {
  const sending = httpRequest(url, {
    method,
    path,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent,
  })
  sending.on('error', () => {})
  try {
    const answered = once(sending, 'response', { signal: AbortSignal.timeout(20_000) })
    sending.end(body)
    const [response] = (await answered) as [IncomingMessage]
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
    return { status: response.statusCode ?? 0, head: JSON.stringify(response.headers), body: text }
  } catch (error) {
    tally.red.push(`no answer to ${method} ${path.slice(0, 200)}: ${String(error)}`)
    return undefined
  }
}

async function tryRaw(target: Target, one: RawCase): Promise<void> {
  target.tally.raw++
  const wanted = one.answers ?? 1
  // Only what is good counts on it: others may be hung up on, or be waited for in vain.
  const isGood = /^(a good request|fifty requests at once)$/.test(one.name)
  const answers = await sendRaw(target.port, one.bytes, {
    answers: wanted,
    hangUp: one.hangUp ?? false,
    ...(isGood ? { silenceMs: 20_000 } : {}),
  })
  for (const answer of answers) judge(target, answer, one.name)
  if (answers.length > wanted) target.tally.red.push(`${one.name} got ${answers.length} answers`)
  if (answers.length < wanted && isGood)
    target.tally.red.push(`${one.name} got ${answers.length} answers: ${answers[0]?.head}`)
}

/** A good call is done, whatever came before it. */
async function tryGood(target: Target): Promise<void> {
  const { url, goodToken, tally } = target
  tally.good++
  try {
    const client = createClient({ url, token: goodToken, retry: { tries: 1 } })
    const { id } = await client.tasks.create.mutate({ title: 'gut' })
    await client.tasks.purge.mutate({ id })
  } catch (error) {
    // It says so where it has no time: after a machine has stood still, for instance.
    if (isTaskwireError(error) && error.data?.httpStatus === 503) {
      tally.overloaded++
      return await tryGood(target)
    }
    tally.red.push(`a good call failed: ${String(error)}`)
  }
}

const SQL =
  /\b(insert into|delete from|with old as|select [a-z_.]+ ?(,|from)|violates|duplicate key|syntax error at|invalid input syntax)\b/i
const INTERNAL =
  /node_modules|\.[jt]s:\d+|\n\s+at |FST_ERR|HPE_|ZodError|PostgresError|"stack"|\btw\.[a-z_]+\b|taskwire_app/

function judge({ tally, mark }: Target, { status, head, body }: RawAnswer, what: string): void {
  const told = `${what.slice(0, 700)} → ${status} ${body.slice(0, 500)}`
  if (Number.isNaN(status)) return void tally.red.push(`not HTTP: ${what} ${head.slice(0, 200)}`)
  if (status === 503) tally.overloaded++
  else if (status >= 500) tally.red.push(`a 5xx: ${told}`)
  if (SQL.test(body) || INTERNAL.test(`${head}${status < 400 ? '' : body}`))
    tally.red.push(`something internal: ${told}`)
  // What was asked by HEAD has no body.
  if (status < 200 || status === 204 || what === 'HEAD') return
  let answers: unknown
  try {
    answers = JSON.parse(body)
  } catch {
    // Health, metrics and what is asked by HEAD have no JSON.
    if (status >= 400) tally.red.push(`a refusal that is not JSON: ${told} ${head.slice(0, 300)}`)
    return
  }
  for (const answer of Array.isArray(answers) ? answers : [answers]) judgeAnswer(tally, answer, { status, mark, told })
}

function judgeAnswer(
  tally: Tally,
  answer: unknown,
  { status, mark, told }: { status: number; mark: string; told: string },
): void {
  const { error, code, message } = (answer ?? {}) as { error?: Refusal; code?: unknown; message?: unknown }
  if (error === undefined) {
    if (status < 400) tally.ok++
    else if (typeof code !== 'string' || typeof message !== 'string') tally.red.push(`a refusal of no shape: ${told}`)
    return
  }
  tally.refused++
  const known = APP_CODES[error.data?.appCode as keyof typeof APP_CODES] as
    | { httpStatus: number; code: string }
    | undefined
  if (known === undefined || known.httpStatus !== error.data?.httpStatus || known.code !== error.data.code)
    tally.red.push(`a refusal of no shape: ${told}`)
  else if (error.data.appCode === 'INTERNAL') tally.red.push(`INTERNAL: ${told}`)
  if (typeof error.message !== 'string' || typeof error.data?.requestId !== 'string' || error.data.requestId === '')
    tally.red.push(`a refusal without its parts: ${told}`)
  // The row as it is was once sent, too.
  const { current: _row, ...data } = error.data ?? {}
  if (JSON.stringify([error.message, data]).includes(mark)) tally.red.push(`what was sent is told: ${told}`)
}

interface Refusal {
  message: string
  data?: { appCode: string; httpStatus: number; code: string; requestId: string; fields?: unknown; current?: unknown }
}
