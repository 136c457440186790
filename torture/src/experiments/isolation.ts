import { startTestService, type TestService } from '@taskwire/api/testing'
import { createClient as connect } from '@taskwire/db'
import { hashRows, type Walls } from '@taskwire/db/testing'
import type { Options, Result } from '../experiment.ts'
import { expectThat } from '../experiment.ts'
import { generateInput } from '../generate.ts'
import { type NamedProcedure, procedures } from '../procedures.ts'
import { createRandom, type Random } from '../random.ts'
import { testServer } from '../test-server.ts'
import { growWorld, type Names, type World } from '../worlds.ts'

export const promise =
  'nobody reads or writes what is another’s: with the space in every statement and row security, and with either alone'
export const sabotage = 'neither wall stands, and then every space is open to everybody who names it'

/** Names that are swapped, with each of the walls. */
const IDS = {
  short: { both: 1500, predicates: 500, policies: 500 },
  long: { both: 50_000, predicates: 10_000, policies: 10_000 },
}
const CALLERS = 8
/** Of one caller. */
const REQUESTS = 200
/** So many, and it has been seen enough: without walls by then in answers as in rows, whatever the seed. */
const MOST_RED = 150

/** What keeps spaces apart in one part of the experiment. */
interface Fences {
  walls: Walls
  /** Everybody gets into a space that they name. */
  open?: boolean
}

/** Valid calls in which names are swapped for another user's, held against the same calls with names of nobody's. */
export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  await using _server = await testServer()
  const counts: [Fences, number][] = saboteur
    ? [
        [{ walls: 'none' }, IDS.short.both],
        [{ walls: 'both', open: true }, IDS.short.both],
      ]
    : [
        [{ walls: 'both' }, IDS[size].both],
        [{ walls: 'predicates' }, IDS[size].predicates],
        [{ walls: 'policies' }, IDS[size].policies],
      ]
  const figures: Result['figures'] = {}
  const reds: string[][] = []
  for (const [fences, most] of counts) {
    const what = fences.open === true ? 'open spaces' : `walls ${fences.walls}`
    const found = await swap({ ...fences, most, random: createRandom(seed).fork(what), say })
    say(`${what}: ${found.figures['swapped']} names in ${found.figures['calls']} calls, ${found.red.length} leaks`)
    for (const [name, figure] of Object.entries(found.figures)) figures[`${what}: ${name}`] = figure
    reds.push(found.red.map((reason) => `${what}: ${reason}`))
  }
  // Of the saboteur's two faults both are to be found.
  return { figures, red: saboteur && reds.some((red) => red.length === 0) ? [] : reds.flat() }
}

interface Tally {
  /** Names of the other user's that were sent. */
  swapped: number
  /** Of these, how many were of their space, and stood over a whole request. */
  spaces: number
  calls: number
  batches: number
  ok: number
  refused: number
  /** Calls that were sent again with nobody's names. */
  twins: number
  /** Calls with the caller's own names alone, and how many of these were done. */
  ownCalls: number
  ownOk: number
  /** Calls that the service had no time for. */
  late: number
  red: string[]
  /** Of these, how many have been said. */
  told: number
}

async function swap({
  walls,
  open = false,
  most,
  random,
  say,
}: Pick<Attack, 'most' | 'random' | 'say'> & Fences): Promise<Result> {
  await using service = await startTestService({ walls, env: { LOG_LEVEL: 'error' } })
  if (open) await openSpaces(service)
  const admin = connect({ address: service.database.admin, applicationName: 'torture' })
  try {
    const victim = await growWorld(service, random.fork('victim'))
    const before = await hashRows(admin, victim.user.id)
    const tally: Tally = {
      swapped: 0,
      spaces: 0,
      calls: 0,
      batches: 0,
      ok: 0,
      refused: 0,
      twins: 0,
      ownCalls: 0,
      ownOk: 0,
      late: 0,
      red: [],
      told: 0,
    }
    const callers = Array.from({ length: CALLERS }, async (_, nr) => {
      const own = random.fork(`caller ${nr}`)
      while (tally.swapped < most && tally.red.length < MOST_RED) {
        const world = await growWorld(service, own)
        await attack(service, { world, victim, random: own, tally, most, say })
      }
    })
    // Where a wall is down, even looking at what is one's own may fail.
    for (const { status, reason } of (await Promise.allSettled(callers)) as { status: string; reason?: unknown }[])
      if (status === 'rejected') tally.red.push(`a caller gave up: ${String(reason)}`)
    const after = await hashRows(admin, victim.user.id)
    const changed = Object.keys(before).filter((table) => after[table] !== before[table])
    const { red: told, told: _said, ...figures } = tally
    const red = [...changed.map((table) => `another's rows of ${table} have changed`), ...told]
    // Else it would have shown only that nothing works.
    expectThat(red, tally.swapped >= most || red.length > 0, `only ${tally.swapped} names were swapped`)
    expectThat(
      red,
      tally.ownOk > tally.ownCalls / 3,
      `of ${tally.ownCalls} calls with own names ${tally.ownOk} were done`,
    )
    return { figures, red: [...new Set(red)].slice(0, 50) }
  } finally {
    await admin.end({ timeout: 5 })
  }
}

/** Has the database let everybody into every space. */
async function openSpaces({ admin }: TestService): Promise<void> {
  const [row] = await admin(`select pg_get_functiondef('tw.authenticate'::regproc) as text`)
  const text = String(row?.['text'])
  const opened = text.replace(' and s.owner_id = c.user_id', '')
  if (opened === text) throw new Error('tw.authenticate() asks in another way whose a space is: mend the saboteur')
  await admin(opened)
}

interface Attack {
  world: World
  victim: World
  random: Random
  tally: Tally
  most: number
  say(line: string): void
}

interface Call {
  procedure: NamedProcedure
  input: unknown
  /** Names of the other user's in it. */
  swapped: string[]
}

// There would be keys without end, and no account any more.
const USABLE = procedures.filter(
  // What a stream shows of whom, the authorisation matrix tries.
  ({ path, kind }) => kind !== 'subscription' && !['me.delete', 'keys.create'].includes(path),
)
const LIGHT = USABLE.filter(({ path }) => path !== 'me.export' && !path.startsWith('system.'))

async function attack(service: TestService, { world, victim, random, tally, most, say }: Attack): Promise<void> {
  // Then somebody new, of whom nothing bears another's id yet.
  for (let nr = 0; nr < REQUESTS && tally.swapped < most && tally.red.length < MOST_RED; nr++) {
    if (nr % 40 === 0) await world.refresh()
    // The whole of an account takes long to tell.
    const first = random.pick(random.below(8) === 0 ? USABLE : LIGHT)
    const length = random.below(2) === 0 ? 2 + random.below(16) : 1
    const same = LIGHT.filter(({ kind }) => kind === first.kind)
    const share = nr % 4 === 0 ? 0 : 0.9
    const calls = Array.from({ length }, (_, at) =>
      newCall(at === 0 ? first : random.pick(same), { world, victim, random, share }),
    )
    // A personal space has the id of its account. One's own may be named too.
    const space = random.below(5) > 0 ? undefined : share > 0 ? victim.user.id : world.user.id
    const headers = inSpace(world, space)
    const text = await post(service, calls, headers)
    const before = tally.swapped
    judge(calls, text, { world, victim, space, tally, log: service.log })
    for (; tally.told < tally.red.length; tally.told++) say(`RED: ${tally.red[tally.told]}`)
    if (Math.floor(before / 5000) < Math.floor(tally.swapped / 5000))
      say(`${tally.swapped} names, ${tally.calls} calls, ${tally.red.length} leaks`)
    const [call] = calls
    if (space === victim.user.id)
      await compare(service, { calls, text, others: calls, headers: inSpace(world, random.uuid()), tally })
    else if (length === 1 && call !== undefined && call.swapped.length > 0)
      await compare(service, { calls, text, others: [withNobodys(call, world, random)], headers, tally })
  }
}

const inSpace = ({ headers }: World, space: string | undefined): Record<string, string> =>
  space === undefined ? headers : { ...headers, 'x-taskwire-space': space }

/** What acts in the personal space, or in none, whatever the header names. */
const ANYWHERE = /^(me|keys|system)\./

interface Judging extends Pick<Attack, 'world' | 'victim' | 'tally'> {
  /** That the header named. */
  space: string | undefined
  log: readonly string[]
}

function judge(calls: readonly Call[], text: string, { world, victim, space, tally, log }: Judging): void {
  const answers = answersOf(text, calls.length)
  const elsewhere = space === victim.user.id
  tally.calls += calls.length
  if (elsewhere) {
    tally.spaces++
    tally.swapped++
  }
  if (calls.length > 1) tally.batches++
  for (const [at, { procedure, input, swapped }] of calls.entries()) {
    const code = answers[at] ?? 'no answer'
    const ok = code === 'OK'
    tally.swapped += swapped.length
    tally[ok ? 'ok' : 'refused']++
    if (elsewhere && ok && !ANYWHERE.test(procedure.path))
      tally.red.push(`${procedure.path} acted in another's space: ${JSON.stringify(input)}`)
    if (swapped.length === 0 && !elsewhere) {
      tally.ownCalls++
      if (ok) tally.ownOk++
    }
    if (code === 'INTERNAL' || code === 'no answer')
      tally.red.push(`${procedure.path} answered ${code} to ${JSON.stringify(input)}: ${log.at(-1)}`)
    // A row or a mutation of the caller's own may bear the id of another's: from then on that is what it names.
    const own = (id: string): boolean => /\.create(Many)?$/.test(procedure.path) || victim.names.mutations.includes(id)
    if (ok && procedure.kind === 'mutation') for (const id of swapped.filter(own)) world.taken.add(id)
  }
  for (const canary of victim.canaries)
    if (text.includes(canary))
      tally.red.push(
        `${pathsOf(calls)} told ${canary}, which is another's: ${JSON.stringify(calls.map((c) => c.input)).slice(0, 600)}`,
      )
}

/** What says nothing of the names. */
const LATE = /"appCode":"(OVERLOADED|TIMEOUT|UNAVAILABLE)"/

/** The same call with nobody's names in place of the other user's. */
function withNobodys(call: Call, world: World, random: Random): Call {
  let twin = JSON.stringify(call.input)
  for (const name of call.swapped) twin = twin.replaceAll(name, world.nobodys(name, random))
  return { ...call, input: JSON.parse(twin) as unknown }
}

interface Comparison {
  calls: readonly Call[]
  /** What they were answered with. */
  text: string
  /** The same with nobody's names, and what stands over them. */
  others: readonly Call[]
  headers: Record<string, string>
  tally: Tally
}

/** A request with nobody's names in place of the other user's has the same answer, byte for byte. */
async function compare(service: TestService, { calls, text, others, headers, tally }: Comparison): Promise<void> {
  // What has been done changes what the next one is answered with.
  if (calls[0]?.procedure.kind === 'mutation' && answersOf(text, calls.length).includes('OK')) return
  const told = await post(service, others, headers)
  tally.twins++
  if ([text, told].some((one) => LATE.test(one))) return void tally.late++
  // A cursor says of which question it is, and that was another.
  const plain = (one: string): string => one.replace(/"nextCursor":"[^"]*"/, '')
  if (plain(told) !== plain(text))
    tally.red.push(
      `${pathsOf(calls)} tells another's names from nobody's: ${JSON.stringify(calls.map(({ input }) => input)).slice(0, 600)} ${text.slice(0, 300)} ${told.slice(0, 300)}`,
    )
}

interface NewCall {
  world: World
  victim: World
  random: Random
  /** Of the names, how many are the other's. */
  share: number
}

function newCall(procedure: NamedProcedure, { world, victim, random, share }: NewCall): Call {
  const swapped = new Set<string>()
  function name(of: (names: Names) => readonly string[]): string {
    const theirs = of(victim.names).filter((id) => !world.taken.has(id))
    if (random.next() < share && theirs.length > 0) {
      const id = random.pick(theirs)
      swapped.add(id)
      return id
    }
    const mine = of(world.names)
    return mine.length > 0 && random.below(10) > 0 ? random.pick(mine) : random.uuid()
  }
  const input = generateInput(procedure, procedure.schema, random, {
    id(field) {
      if (field === 'mutationId') return random.below(2) === 0 ? random.uuid() : name(({ mutations }) => mutations)
      if (procedure.path.startsWith('keys.')) return name(({ keys }) => keys)
      const list = field === 'listId' || procedure.path.startsWith('lists.')
      // Now and then a user's id, or that of the other kind of row.
      if (random.below(20) === 0) return name(({ users }) => users)
      return name(({ tasks, lists }) => (list === random.below(20) > 0 ? lists : tasks))
    },
    cursor: () => name(({ cursors }) => cursors),
    revision: () => random.pick([0, 1, random.below(200), world.head, victim.head]),
    text: (_field, maxLength) => `own ${random.below(1e6)}`.slice(0, maxLength),
  })
  // Names of inputs that were thrown away are not in this one.
  const sent = JSON.stringify(input ?? {})
  return { procedure, input, swapped: [...swapped].filter((id) => sent.includes(id)) }
}

const pathsOf = (calls: readonly Call[]): string => calls.map(({ procedure }) => procedure.path).join(',')

async function post(service: TestService, calls: readonly Call[], headers: Record<string, string>): Promise<string> {
  const batch = calls.length > 1
  const inputs = calls.map(({ input }) => input ?? {})
  const sent = JSON.stringify(batch ? Object.assign({}, inputs) : inputs[0])
  const query = calls[0]?.procedure.kind === 'query'
  const search = new URLSearchParams({ ...(batch && { batch: '1' }), ...(query && { input: sent }) })
  const response = await fetch(`${service.url}/trpc/${pathsOf(calls)}?${search.toString()}`, {
    method: query ? 'GET' : 'POST',
    headers: { ...headers, 'x-request-id': 'the-same', 'content-type': 'application/json' },
    ...(query ? {} : { body: sent }),
  })
  return await response.text()
}

interface Answer {
  error?: { data: { appCode: string } }
}

/** How each of the calls ended. */
function answersOf(text: string, length: number): string[] {
  const parsed = JSON.parse(text) as Answer | Answer[]
  const all = Array.isArray(parsed) ? parsed : Array.from({ length }, () => parsed)
  return all.map(({ error }) => error?.data.appCode ?? 'OK')
}
