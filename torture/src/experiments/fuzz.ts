// Sends calls generated from the contract's schemas, valid and damaged, damaged sign-in requests and malformed raw
// HTTP, while some connections send incomplete requests.
// Fails on a 5xx other than 503, a crash, a missing response, an error of the wrong shape, input repeated in an error
// or in the log, SQL or other internals in a response, an error in the log, a blocked event loop, a grown heap, or a
// valid call that fails.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { connect as dial } from 'node:net'
import { settingsFor } from '@taskwire/api/process-testing'
import { TEXT_KINDS } from '@taskwire/api/text-testing'
import { createClient, isTaskwireError } from '@taskwire/client'
import { APP_CODES } from '@taskwire/contract'
import { createClient as connect } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { damage } from '../damage.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { REGRESSIONS } from '../fuzz-corpus.ts'
import { generateInput } from '../generate.ts'
import { type NamedProcedure, procedures } from '../procedures.ts'
import { createRandom, type Random } from '../random.ts'
import { type RawCase, rawCases } from '../raw-cases.ts'
import { type RawResponse, sendRaw } from '../raw-http.ts'
import { testServer } from '../test-server.ts'
import { startWatched } from '../watched.ts'

export const promise =
  'Malformed input causes no 5xx and no crash, and nothing internal appears in a response or in the log.'
export const negativeControl = 'the database has a constraint that the contract does not know'

const CALLS = { short: 2500, long: 200_000 }
const SENDERS = 8
/** CPU time. More than in the experiment bombs, because several senders send at once. */
const MAX_BLOCKED_MS = 200
/** On average, one raw request is sent per so many other requests. */
const RAW_EVERY = 40

export interface FuzzOptions extends Options {
  /** Overrides the number of calls of the size. */
  calls?: number
}

interface Tally {
  calls: number
  requests: number
  raw: number
  ok: number
  refused: number
  overloaded: number
  /** Valid calls, sent in between, which have to succeed. */
  good: number
  violations: string[]
}

export async function run({
  seed,
  size,
  isNegativeControl = false,
  calls = CALLS[size],
  print,
}: FuzzOptions): Promise<Result> {
  await using _server = await testServer()
  await using database = await createTestDatabase()
  if (isNegativeControl) await addUnknownConstraint(database.admin)
  const env = { ...settingsFor(database), RATE_LIMIT_PER_MINUTE: '10000000', LOG_LEVEL: 'info', WARM_UP: 'false' }
  await using service = await startWatched(env)
  const { url } = service
  const random = createRandom(seed)
  const token = await addUser(database.admin, random)
  // The valid calls have a user of their own, whose tasks no random bulk call can purge.
  const goodToken = await addUser(database.admin, random)
  const tally: Tally = { calls: 0, requests: 0, raw: 0, ok: 0, refused: 0, overloaded: 0, good: 0, violations: [] }
  const mark = `mark${random.uuid().slice(0, 8)}`
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })
  const target: Target = { url, port: Number(new URL(url).port), token, goodToken, mark, agent, tally }

  // All raw requests once, then random ones.
  for (const rawCase of [...REGRESSIONS(token), ...rawCases(token, random)]) await tryRaw(target, rawCase)
  const heapBefore = await memoryOf(url)
  await service.blockedMs()
  const slow = await holdSlowSenders(target.port, SLOW[size])
  const began = performance.now()
  const rawBefore = tally.raw
  // One violation shows that the negative control is detected; a few help to find a fault.
  const maxViolations = isNegativeControl ? 1 : 30
  let printedCalls = 0
  await Promise.all(
    Array.from({ length: SENDERS }, async (_, nr) => {
      const own = random.fork(`sender ${nr}`)
      while (tally.calls < calls && tally.violations.length < maxViolations) {
        await tryCalls(target, own)
        if (own.below(40) === 0) await trySignIn(target, own)
        if (own.below(RAW_EVERY) === 0) await tryRaw(target, own.pick(rawCases(token, own)))
        if (own.below(50) === 0) await tryGood(target)
        if (tally.calls >= printedCalls + 10_000) {
          printedCalls = tally.calls
          print(`${printedCalls} calls, ${tally.raw} raw requests, ${tally.violations.length} violations`)
        }
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const blockedMs = Math.round(await service.blockedMs())
  expectThat(tally.violations, blockedMs <= MAX_BLOCKED_MS, `the event loop was blocked for ${blockedMs} ms`)
  agent.destroy()
  await tryGood(target)
  // The service closes incomplete requests after 30 s, and looks for them every 30 s.
  const open = slow.open()
  if (seconds > 90)
    expectThat(tally.violations, open === 0, `${open} incomplete requests are still open after ${seconds} s`)
  slow.release()

  const { violations, ...metrics } = tally
  const heap = await memoryOf(url)
  // memoryOf() takes the smallest of several samples, since garbage is collected on demand.
  expectThat(violations, heap < heapBefore * 2 + 60, `the heap has grown from ${heapBefore} to ${heap} MB`)
  expectThat(violations, service.isRunning(), 'the service has crashed')
  expectThat(violations, (await service.end()) === 0, 'the service did not exit with 0 when stopped')
  for (const line of service.log().split('\n')) {
    if (line.includes(mark)) violations.push(`the log contains input: ${line.slice(0, 500)}`)
    if (SQL.test(line)) violations.push(`the log contains SQL: ${line.slice(0, 500)}`)
    if (/"level":(50|60)/.test(line)) violations.push(`the log has an error: ${line.slice(0, 800)}`)
  }
  const perSecond = Math.round((tally.calls + tally.raw - rawBefore) / seconds)
  print(
    `${tally.calls} calls and ${tally.raw} raw requests, ${perSecond} a second; heap ${heapBefore} to ${heap} MB; ${violations.length} violations`,
  )
  return {
    metrics: {
      ...metrics,
      'calls a second': perSecond,
      'event loop blocked, ms': blockedMs,
      'heap before, MB': heapBefore,
      'heap after, MB': heap,
    },
    violations: [...new Set(violations)],
  }
}

const SLOW = { short: 200, long: 1000 }

/** Opens connections that each send part of a request and then nothing. */
async function holdSlowSenders(port: number, count: number): Promise<{ open(): number; release(): void }> {
  const sockets = Array.from({ length: count }, () => dial({ port, host: '127.0.0.1' }))
  let open = count
  await Promise.all(
    sockets.map(async (socket, nr) => {
      socket.on('error', () => {}).on('close', () => open--)
      // Reads, so that `close` fires.
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

async function addUnknownConstraint(address: Address): Promise<void> {
  const admin = connect({ address, applicationName: 'torture' })
  await admin`alter table tw.tasks add constraint tasks_negative_control_check check (title !~ '[0-4]')`
  await admin.end({ timeout: 5 })
}

/** The used heap in MB: the smallest of five samples. */
async function memoryOf(url: string): Promise<number> {
  let least = Infinity
  for (let sample = 0; sample < 5; sample++) {
    const text = await (await fetch(`${url}/metrics`)).text()
    least = Math.min(least, Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]))
  }
  return Math.round(least / 1e6)
}

// A subscription does not end, and me.delete would remove the user.
const PROCEDURES = procedures.filter(({ path, kind }) => kind !== 'subscription' && path !== 'me.delete')

/** Sends one request of one or several calls, valid or damaged. */
async function tryCalls(target: Target, random: Random): Promise<void> {
  const { tally, mark, token } = target
  const first = random.pick(PROCEDURES)
  const length = random.below(5) === 0 ? random.pick([2, 2, 3, 3, 5, 5, 10, 50, 51]) : 1
  const same = PROCEDURES.filter(({ kind, path }) => kind === first.kind && path !== 'me.export')
  const called: NamedProcedure[] = Array.from({ length }, (_, at) => (at === 0 ? first : random.pick(same)))
  const inputs = called.map((procedure) => {
    const input = generateInput(procedure, procedure.schema, random, sourcesOf(random))
    return random.below(3) === 0 ? input : damage(input, random, mark)
  })
  const paths = called.map(({ path }) =>
    random.below(60) === 0 ? `${path}${random.pick(['x', '.', '.__proto__', '%00'])}` : path,
  )
  const isBatch = length > 1
  const text = JSON.stringify(isBatch ? Object.assign({}, inputs) : (inputs[0] ?? {}))
  // Sometimes truncated or broken as JSON.
  const sent =
    random.below(25) === 0 ? `${text.slice(0, random.below(text.length))}${random.pick(['', '}', '\0', ',,'])}` : text
  const isQuery = first.kind === 'query'
  const search = `${isBatch ? 'batch=1&' : ''}${isQuery ? `input=${encodeURIComponent(sent.toWellFormed())}` : ''}`
  const headers = randomHeaders(random, token)
  tally.calls += length
  tally.requests++
  const response = await send(target, {
    method: isQuery ? 'GET' : 'POST',
    path: `/trpc/${paths.join(',')}?${search}`,
    headers: isQuery ? headers : { 'content-type': 'application/json', ...headers },
    body: isQuery ? '' : sent,
  })
  if (response === undefined) return
  checkResponse(target, response, `${paths.slice(0, 3).join(',')} ${sent.slice(0, 600)}`)
}

const SIGN_IN_PATHS = ['sign-up/email', 'sign-in/email', 'change-password', 'reset-password', 'get-session', 'nothing']

/** Sends a damaged request to a path of the sign-in API. */
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
  const headers = { 'content-type': 'application/json', ...randomHeaders(random, target.token) }
  target.tally.calls++
  target.tally.requests++
  const response = await send(target, { method: 'POST', path, headers, body: sent })
  if (response !== undefined) checkResponse(target, response, `${path} ${sent.slice(0, 600)}`)
}

function sourcesOf(random: Random) {
  const ids = ['01998d3e-7c1a-7000-8000-000000000001', '01998d3e-7c1a-7000-8000-000000000002']
  return {
    id: () => (random.below(3) === 0 ? random.pick(ids) : random.uuid()),
    cursor: () => random.pick(['abc', '~abc', 'WyJhIl0', '~', 'e30']),
    revision: () => random.pick([0, 1, random.below(1000), 2 ** 53 - 1]),
    text: (_field: string, maxLength: number) =>
      random.below(8) === 0
        ? `x${random.pick(Object.values(TEXT_KINDS))(maxLength)}`.slice(
            0,
            random.pick([maxLength, 1 + random.below(maxLength)]),
          )
        : `word${random.below(1000)} ü牛`.slice(0, maxLength),
  }
}

function randomHeaders(random: Random, token: string): Record<string, string> {
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

interface HttpRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

async function send(
  { url, agent, tally }: Target,
  { method, path, headers, body }: HttpRequest,
): Promise<RawResponse | undefined> {
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
    tally.violations.push(`no response to ${method} ${path.slice(0, 200)}: ${String(error)}`)
    return undefined
  }
}

async function tryRaw(target: Target, rawCase: RawCase): Promise<void> {
  target.tally.raw++
  const expected = rawCase.responses ?? 1
  // Only valid requests must have all their responses. The service may close or ignore others.
  const isGood = /^(a good request|ten requests at once)$/.test(rawCase.name)
  const responses = await sendRaw(target.port, rawCase.bytes, {
    responses: expected,
    hangUp: rawCase.hangUp ?? false,
    ...(isGood ? { silenceMs: 20_000 } : {}),
  })
  for (const response of responses) checkResponse(target, response, rawCase.name)
  if (responses.length > expected)
    target.tally.violations.push(`${responses.length} responses to ${rawCase.name}, of ${expected} expected`)
  if (responses.length < expected && isGood)
    target.tally.violations.push(
      `${responses.length} responses to ${rawCase.name}, of ${expected} expected: ${responses[0]?.head}`,
    )
}

/** Makes a valid call, which has to succeed. */
async function tryGood(target: Target): Promise<void> {
  const { url, goodToken, tally } = target
  tally.good++
  try {
    const client = createClient({ url, token: goodToken, retry: { attempts: 1 } })
    const { id } = await client.tasks.create.mutate({ title: 'gut' })
    await client.tasks.purge.mutate({ id })
  } catch (error) {
    // The service may be overloaded, for instance after the machine has paused.
    if (isTaskwireError(error) && error.data?.httpStatus === 503) {
      tally.overloaded++
      return await tryGood(target)
    }
    tally.violations.push(`a valid call failed: ${String(error)}`)
  }
}

const SQL =
  /\b(insert into|delete from|with old as|select [a-z_.]+ ?(,|from)|violates|duplicate key|syntax error at|invalid input syntax)\b/i
const INTERNAL =
  /node_modules|\.[jt]s:\d+|\n\s+at |FST_ERR|HPE_|ZodError|PostgresError|"stack"|\btw\.[a-z_]+\b|taskwire_app/

function checkResponse({ tally, mark }: Target, { status, head, body }: RawResponse, request: string): void {
  const exchange = `${request.slice(0, 700)} → ${status} ${body.slice(0, 500)}`
  if (Number.isNaN(status)) return void tally.violations.push(`not HTTP: ${request} ${head.slice(0, 200)}`)
  if (status === 503) tally.overloaded++
  else if (status >= 500) tally.violations.push(`a 5xx: ${exchange}`)
  if (SQL.test(body) || INTERNAL.test(`${head}${status < 400 ? '' : body}`))
    tally.violations.push(`something internal: ${exchange}`)
  // A response to HEAD has no body.
  if (status < 200 || status === 204 || request === 'HEAD') return
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    // Health, metrics and HEAD have no JSON.
    if (status >= 400) tally.violations.push(`an error that is not JSON: ${exchange} ${head.slice(0, 300)}`)
    return
  }
  for (const reply of Array.isArray(parsed) ? parsed : [parsed]) checkReply(tally, reply, { status, mark, exchange })
}

function checkReply(
  tally: Tally,
  reply: unknown,
  { status, mark, exchange }: { status: number; mark: string; exchange: string },
): void {
  const { error, code, message } = (reply ?? {}) as { error?: ErrorReply; code?: unknown; message?: unknown }
  if (error === undefined) {
    if (status < 400) tally.ok++
    else if (typeof code !== 'string' || typeof message !== 'string')
      tally.violations.push(`an error of the wrong shape: ${exchange}`)
    return
  }
  tally.refused++
  const known = APP_CODES[error.data?.appCode as keyof typeof APP_CODES] as
    | { httpStatus: number; code: string }
    | undefined
  if (known === undefined || known.httpStatus !== error.data?.httpStatus || known.code !== error.data.code)
    tally.violations.push(`an error of the wrong shape: ${exchange}`)
  else if (error.data.appCode === 'INTERNAL') tally.violations.push(`INTERNAL: ${exchange}`)
  if (typeof error.message !== 'string' || typeof error.data?.requestId !== 'string' || error.data.requestId === '')
    tally.violations.push(`an error without message or requestId: ${exchange}`)
  // `current` is a row, whose text may come from an earlier input.
  const { current: _row, ...data } = error.data ?? {}
  if (JSON.stringify([error.message, data]).includes(mark))
    tally.violations.push(`an error repeats the input: ${exchange}`)
}

interface ErrorReply {
  message: string
  data?: { appCode: string; httpStatus: number; code: string; requestId: string; fields?: unknown; current?: unknown }
}
