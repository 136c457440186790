// Sends valid calls and batches with ids of another user in place of the caller's, and with that user's space in the
// header. Repeats them with ids that belong to nobody. Runs with both protections (space predicates in the statements,
// row-level security of PostgreSQL) and with either alone.
// Fails if a response contains a text of the other user, if a call acts in the other user's space, if a response
// differs from the one for unused ids, or if the other user's rows change.

import { startTestService, type TestService } from '@taskwire/api/testing'
import { createClient as connect } from '@taskwire/db'
import { hashRows, type IsolationLayers } from '@taskwire/db/testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { generateInput } from '../generate.ts'
import { type NamedProcedure, procedures } from '../procedures.ts'
import { createRandom, type Random } from '../random.ts'
import { testServer } from '../test-server.ts'
import { type Identifiers, seedUser, type SeededUser } from '../seeded-user.ts'

export const promise =
  'Nobody reads or writes data of another user, with both the space predicates and row-level security, or with either alone.'
export const negativeControl =
  'first there are neither space predicates nor row-level security; then, with both, every caller may use every space'

/** Numbers of swapped ids: with both protections, with the predicates alone, with row-level security alone. */
const SWAPS = {
  short: { both: 1500, predicates: 500, policies: 500 },
  long: { both: 50_000, predicates: 10_000, policies: 10_000 },
}
const CALLERS = 8
/** Requests of one caller. */
const REQUESTS = 200
/**
 * Stops after so many, which are enough to detect the negative control both in responses and in rows, with any seed.
 */
const MAX_VIOLATIONS = 150

/** The protections in one part of the experiment. */
interface Protections {
  isolation: IsolationLayers
  /** Whether every caller may use every space. */
  open?: boolean
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  await using _server = await testServer()
  const counts: [Protections, number][] = isNegativeControl
    ? [
        [{ isolation: 'none' }, SWAPS.short.both],
        [{ isolation: 'both', open: true }, SWAPS.short.both],
      ]
    : [
        [{ isolation: 'both' }, SWAPS[size].both],
        [{ isolation: 'predicates' }, SWAPS[size].predicates],
        [{ isolation: 'policies' }, SWAPS[size].policies],
      ]
  const metrics: Result['metrics'] = {}
  const violationsOf: string[][] = []
  for (const [protections, most] of counts) {
    const part = protections.open === true ? 'open spaces' : `protections ${protections.isolation}`
    const found = await swap({ ...protections, most, random: createRandom(seed).fork(part), print })
    print(
      `${part}: ${found.metrics['swapped']} ids in ${found.metrics['calls']} calls, ${found.violations.length} violations`,
    )
    for (const [name, value] of Object.entries(found.metrics)) metrics[`${part}: ${name}`] = value
    violationsOf.push(found.violations.map((reason) => `${part}: ${reason}`))
  }
  // Both faults of the negative control have to be detected.
  return {
    metrics,
    violations:
      isNegativeControl && violationsOf.some((violations) => violations.length === 0) ? [] : violationsOf.flat(),
  }
}

interface Tally {
  /** Ids of the other user that were sent. */
  swapped: number
  /** How many of the swapped ids were the id of a space in the header. */
  spaces: number
  calls: number
  batches: number
  ok: number
  refused: number
  /** Requests repeated with ids that belong to nobody. */
  repeated: number
  /** Calls with only the caller's own ids, and how many of them succeeded. */
  ownCalls: number
  ownOk: number
  /** Comparisons skipped because the service was overloaded. */
  skipped: number
  violations: string[]
  /** The number of violations that were printed. */
  printed: number
}

async function swap({
  isolation,
  open = false,
  most,
  random,
  print,
}: Pick<Attack, 'most' | 'random' | 'print'> & Protections): Promise<Result> {
  await using service = await startTestService({ isolation, env: { LOG_LEVEL: 'error' } })
  if (open) await openSpaces(service)
  const admin = connect({ address: service.database.admin, applicationName: 'torture' })
  try {
    const victim = await seedUser(service, random.fork('victim'))
    const before = await hashRows(admin, victim.user.id)
    const tally: Tally = {
      swapped: 0,
      spaces: 0,
      calls: 0,
      batches: 0,
      ok: 0,
      refused: 0,
      repeated: 0,
      ownCalls: 0,
      ownOk: 0,
      skipped: 0,
      violations: [],
      printed: 0,
    }
    const callers = Array.from({ length: CALLERS }, async (_, nr) => {
      const own = random.fork(`caller ${nr}`)
      while (tally.swapped < most && tally.violations.length < MAX_VIOLATIONS) {
        const caller = await seedUser(service, own)
        await attack(service, { caller, victim, random: own, tally, most, print })
      }
    })
    // If a protection is removed, even a caller's own requests may fail.
    for (const { status, reason } of (await Promise.allSettled(callers)) as { status: string; reason?: unknown }[])
      if (status === 'rejected') tally.violations.push(`a caller failed: ${String(reason)}`)
    const after = await hashRows(admin, victim.user.id)
    const changed = Object.keys(before).filter((table) => after[table] !== before[table])
    const { violations: found, printed: _printed, ...metrics } = tally
    const violations = [...changed.map((table) => `rows of the other user in ${table} have changed`), ...found]
    // A run in which hardly any call succeeds shows nothing.
    expectThat(violations, tally.swapped >= most || violations.length > 0, `only ${tally.swapped} ids were swapped`)
    expectThat(
      violations,
      tally.ownOk > tally.ownCalls / 3,
      `only ${tally.ownOk} of ${tally.ownCalls} calls with own ids succeeded`,
    )
    return { metrics, violations: [...new Set(violations)].slice(0, 50) }
  } finally {
    await admin.end({ timeout: 5 })
  }
}

/** Changes tw.authenticate() so that every caller may use every space. */
async function openSpaces({ admin }: TestService): Promise<void> {
  const [row] = await admin(`select pg_get_functiondef('tw.authenticate'::regproc) as text`)
  const text = String(row?.['text'])
  const opened = text.replace(' and s.owner_id = c.user_id', '')
  if (opened === text)
    throw new Error('tw.authenticate() checks the owner of a space in another way: update openSpaces()')
  await admin(opened)
}

interface Attack {
  caller: SeededUser
  victim: SeededUser
  random: Random
  tally: Tally
  most: number
  print(line: string): void
}

interface Call {
  procedure: NamedProcedure
  input: unknown
  /** Ids of the other user in the input. */
  swapped: string[]
}

// Excludes what only service keys may call, keys.create (it would add keys without end), me.delete (it would remove the
// account) and subscriptions, which the authorisation matrix of the service covers.
const USABLE = procedures.filter(
  ({ path, kind, access }) =>
    kind !== 'subscription' && access !== 'users' && !['me.delete', 'keys.create'].includes(path),
)
const LIGHT = USABLE.filter(({ path }) => path !== 'me.export' && !path.startsWith('system.'))

async function attack(service: TestService, { caller, victim, random, tally, most, print }: Attack): Promise<void> {
  // After REQUESTS requests a new caller takes over, who has no rows with ids of the other user yet.
  for (let nr = 0; nr < REQUESTS && tally.swapped < most && tally.violations.length < MAX_VIOLATIONS; nr++) {
    if (nr % 40 === 0) await caller.refresh()
    // Rare, because me.export is slow.
    const first = random.pick(random.below(8) === 0 ? USABLE : LIGHT)
    const length = random.below(2) === 0 ? 2 + random.below(16) : 1
    const same = LIGHT.filter(({ kind }) => kind === first.kind)
    const share = nr % 4 === 0 ? 0 : 0.9
    const calls = Array.from({ length }, (_, at) =>
      newCall(at === 0 ? first : random.pick(same), { caller, victim, random, share }),
    )
    // A personal space has the id of its account.
    const space = random.below(5) > 0 ? undefined : share > 0 ? victim.user.id : caller.user.id
    const headers = inSpace(caller, space)
    const text = await post(service, calls, headers)
    const before = tally.swapped
    checkResponse(calls, text, { caller, victim, space, tally, log: service.log })
    for (; tally.printed < tally.violations.length; tally.printed++) print(`FAILED: ${tally.violations[tally.printed]}`)
    if (Math.floor(before / 5000) < Math.floor(tally.swapped / 5000))
      print(`${tally.swapped} ids, ${tally.calls} calls, ${tally.violations.length} violations`)
    const [call] = calls
    if (space === victim.user.id)
      await compare(service, { calls, text, others: calls, headers: inSpace(caller, random.uuid()), tally })
    else if (length === 1 && call !== undefined && call.swapped.length > 0)
      await compare(service, { calls, text, others: [withUnusedIds(call, caller, random)], headers, tally })
  }
}

const inSpace = ({ headers }: SeededUser, space: string | undefined): Record<string, string> =>
  space === undefined ? headers : { ...headers, 'x-taskwire-space': space }

/** Procedures that ignore the space in the header. */
const IGNORES_SPACE = /^(me|keys|system)\./

interface CheckContext extends Pick<Attack, 'caller' | 'victim' | 'tally'> {
  /** The space in the header. */
  space: string | undefined
  log: readonly string[]
}

function checkResponse(
  calls: readonly Call[],
  text: string,
  { caller, victim, space, tally, log }: CheckContext,
): void {
  const codes = codesOf(text, calls.length)
  const isForeignSpace = space === victim.user.id
  tally.calls += calls.length
  if (isForeignSpace) {
    tally.spaces++
    tally.swapped++
  }
  if (calls.length > 1) tally.batches++
  for (const [at, { procedure, input, swapped }] of calls.entries()) {
    const code = codes[at] ?? 'no response'
    const ok = code === 'OK'
    tally.swapped += swapped.length
    tally[ok ? 'ok' : 'refused']++
    if (isForeignSpace && ok && !IGNORES_SPACE.test(procedure.path))
      tally.violations.push(`${procedure.path} acted in the other user's space: ${JSON.stringify(input)}`)
    if (swapped.length === 0 && !isForeignSpace) {
      tally.ownCalls++
      if (ok) tally.ownOk++
    }
    if (code === 'INTERNAL' || code === 'no response')
      tally.violations.push(`${procedure.path} returned ${code} for ${JSON.stringify(input)}: ${log.at(-1)}`)
    // The caller's own row or mutation may now have this id. From then on, the id means the caller's.
    const isReused = (id: string): boolean =>
      /\.create(Many)?$/.test(procedure.path) || victim.ids.mutations.includes(id)
    if (ok && procedure.kind === 'mutation') for (const id of swapped.filter(isReused)) caller.reusedIds.add(id)
  }
  for (const canary of victim.canaries)
    if (text.includes(canary))
      tally.violations.push(
        `${pathsOf(calls)} returned ${canary}, a text of the other user: ${JSON.stringify(calls.map((c) => c.input)).slice(0, 600)}`,
      )
}

/** Errors that do not depend on the ids. */
const OVERLOADED = /"appCode":"(OVERLOADED|TIMEOUT|UNAVAILABLE)"/

/** The same call with unused ids in place of the other user's. */
function withUnusedIds(call: Call, caller: SeededUser, random: Random): Call {
  let twin = JSON.stringify(call.input)
  for (const name of call.swapped) twin = twin.replaceAll(name, caller.makeUnusedId(name, random))
  return { ...call, input: JSON.parse(twin) as unknown }
}

interface Comparison {
  calls: readonly Call[]
  /** Their response. */
  text: string
  /** The same calls with unused ids, and their headers. */
  others: readonly Call[]
  headers: Record<string, string>
  tally: Tally
}

/**
 * Repeats a request with unused ids in place of the other user's. Except for cursors, the response must be identical.
 */
async function compare(service: TestService, { calls, text, others, headers, tally }: Comparison): Promise<void> {
  // A mutation that succeeded changes the response to the next call.
  if (calls[0]?.procedure.kind === 'mutation' && codesOf(text, calls.length).includes('OK')) return
  const repeated = await post(service, others, headers)
  tally.repeated++
  if ([text, repeated].some((one) => OVERLOADED.test(one))) return void tally.skipped++
  // A cursor depends on the input, which differs.
  const withoutCursor = (one: string): string => one.replace(/"nextCursor":"[^"]*"/, '')
  if (withoutCursor(repeated) !== withoutCursor(text))
    tally.violations.push(
      `${pathsOf(calls)} distinguishes ids of the other user from unused ones: ${JSON.stringify(calls.map(({ input }) => input)).slice(0, 600)} ${text.slice(0, 300)} ${repeated.slice(0, 300)}`,
    )
}

interface NewCall {
  caller: SeededUser
  victim: SeededUser
  random: Random
  /** The share of ids that are the other user's. */
  share: number
}

function newCall(procedure: NamedProcedure, { caller, victim, random, share }: NewCall): Call {
  const swapped = new Set<string>()
  function pickId(of: (ids: Identifiers) => readonly string[]): string {
    const theirs = of(victim.ids).filter((id) => !caller.reusedIds.has(id))
    if (random.next() < share && theirs.length > 0) {
      const id = random.pick(theirs)
      swapped.add(id)
      return id
    }
    const mine = of(caller.ids)
    return mine.length > 0 && random.below(10) > 0 ? random.pick(mine) : random.uuid()
  }
  const input = generateInput(procedure, procedure.schema, random, {
    id(field) {
      if (field === 'mutationId') return random.below(2) === 0 ? random.uuid() : pickId(({ mutations }) => mutations)
      if (procedure.path.startsWith('keys.')) return pickId(({ keys }) => keys)
      const isList = field === 'listId' || procedure.path.startsWith('lists.')
      // Sometimes the id of a user, or of the other kind of row.
      if (random.below(20) === 0) return pickId(({ users }) => users)
      return pickId(({ tasks, lists }) => (isList === random.below(20) > 0 ? lists : tasks))
    },
    cursor: () => pickId(({ cursors }) => cursors),
    revision: () => random.pick([0, 1, random.below(200), caller.head, victim.head]),
    text: (_field, maxLength) => `own ${random.below(1e6)}`.slice(0, maxLength),
  })
  // generateInput() may have discarded inputs with other ids.
  const sent = JSON.stringify(input ?? {})
  return { procedure, input, swapped: [...swapped].filter((id) => sent.includes(id)) }
}

const pathsOf = (calls: readonly Call[]): string => calls.map(({ procedure }) => procedure.path).join(',')

async function post(service: TestService, calls: readonly Call[], headers: Record<string, string>): Promise<string> {
  const isBatch = calls.length > 1
  const inputs = calls.map(({ input }) => input ?? {})
  const sent = JSON.stringify(isBatch ? Object.assign({}, inputs) : inputs[0])
  const isQuery = calls[0]?.procedure.kind === 'query'
  const search = new URLSearchParams({ ...(isBatch && { batch: '1' }), ...(isQuery && { input: sent }) })
  const response = await fetch(`${service.url}/trpc/${pathsOf(calls)}?${search.toString()}`, {
    method: isQuery ? 'GET' : 'POST',
    headers: { ...headers, 'x-request-id': 'the-same', 'content-type': 'application/json' },
    ...(isQuery ? {} : { body: sent }),
  })
  return await response.text()
}

interface Reply {
  error?: { data: { appCode: string } }
}

/** The appCode of each call, or OK. */
function codesOf(text: string, length: number): string[] {
  const parsed = JSON.parse(text) as Reply | Reply[]
  const all = Array.isArray(parsed) ? parsed : Array.from({ length }, () => parsed)
  return all.map(({ error }) => error?.data.appCode ?? 'OK')
}
