import type { Answer, Call } from '../load/http.ts'
import { openConnection } from '../load/http.ts'
import { createPicks, heavyKey, type Pick, pageStep } from '../load/picks.ts'
import { median } from '../report/stats.ts'
import type { BenchDatabase } from '../seed/database.ts'
import { CALLS, type Calls, failureOf, isRefusal, type Server } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { HEAVY_USER, type Model, tokenOf, userId } from '../model.ts'
import { PAGE, type Work } from '../works.ts'
import { checkAnswer } from './expected.ts'
import { openProxy } from './proxy.ts'
import { compareWithClient } from './real-client.ts'

/**
 * Round trips to the database for each work: null where it refused to answer, missing where its
 * protocol has no such work.
 */
export type Trips = Partial<Record<Work, number | null>>

const POOL = 5
const CALLS_COUNTED = 5
const CHECKED = 3
/** For one work of a subject: a call that takes long is counted less often. */
const PATIENCE_MS = 700

/**
 * Before anything is measured: a subject that answers something else than what was asked, or
 * nothing, would be the fastest of all. Throws what is wrong.
 */
export async function preflight(
  name: Server,
  works: readonly Work[],
  database: BenchDatabase,
  directory: string,
  tell: (line: string) => void,
): Promise<Trips> {
  await using proxy = await openProxy(database.port)
  await using server = await startServer({ name, database, directory, databasePort: proxy.port, pool: POOL })
  const calls = CALLS[name]
  const picks = createPicks(database.model, 42)
  const ask = createAsk(name, calls, server.port)
  const trips: Trips = {}
  if (name !== 'floor') await refusesStrangers(name, ask, picks.next('get'))
  for (const work of works.filter((work) => work !== 'mixed')) {
    const counts: number[] = []
    const started = performance.now()
    // As many again beforehand, so that every connection has prepared what it prepares.
    for (let n = 0; n < 3 * CALLS_COUNTED; n++) {
      const pick = shallow(picks.next(work), calls, database.model, n)
      const cursor = pick.work === 'page' ? await cursorFor(ask, calls, pick.depth) : undefined
      const call = calls.call(pick, cursor)
      if (call === undefined) break
      const before = proxy.trips()
      const body = await ask(call, work).catch(unlessRefused)
      if (body === REFUSED) {
        tell(`${name} refused ${work}: it has too much to do`)
        trips[work] = null
        break
      }
      counts.push(proxy.trips() - before)
      if (n < CHECKED) {
        await checkAnswer(database, name, pick, calls.tasks(pick, body))
        if (name === 'taskwire') await compareWithClient(pick, call, cursor)
      }
      if (n >= CHECKED && performance.now() - started > PATIENCE_MS) break
    }
    if (counts.length > 0 && trips[work] !== null) trips[work] = median(counts.slice(-CALLS_COUNTED))
  }
  return trips
}

/** Who does not look whose session it is has less to do. */
async function refusesStrangers(name: Server, ask: Ask, pick: Pick): Promise<void> {
  if (pick.work !== 'get') return
  const calls = CALLS[name]
  for (const token of ['nobody', tokenOf(HEAVY_USER)]) {
    const call = calls.call({ ...pick, user: { ...pick.user, token } }, undefined)
    const seen =
      call === undefined
        ? []
        : await ask(call, 'get').then(
            (body) => calls.tasks(pick, body),
            () => [],
          )
    if (seen.some((task) => task?.id === pick.id)) throw new Error(`${name} shows a task to somebody else`)
  }
}

const REFUSED = Symbol('refused')
class Refusal extends Error {}
function unlessRefused(error: unknown): typeof REFUSED {
  if (error instanceof Refusal) return REFUSED
  throw error
}

export type Ask = (call: Call, what: string) => Promise<unknown>

/** Asks one call at a time, and gives the body of a success. */
export function createAsk(name: Server, calls: Calls, port: number): Ask {
  return async (call, what) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const fail = (why: string): void => reject(new Error(`${name} failed at ${what}: ${why}`))
    const connection = openConnection(port, true, fail)
    connection.send(call, resolve)
    const answer = await promise
    connection.close()
    const failure = failureOf(calls, answer)
    if (isRefusal(answer)) throw new Refusal(`${name} refused ${what}: ${failure ?? ''}`)
    if (failure !== undefined) throw new Error(`${name} failed at ${what}: ${failure}`)
    const body: unknown = JSON.parse(answer.body?.toString('utf8') ?? 'null')
    return body
  }
}

const heavyList: Pick & { work: 'list' } = {
  work: 'list',
  user: { id: userId(HEAVY_USER), token: tokenOf(HEAVY_USER) },
}

// A walk to each of the depths would take as long as the measurement.
function shallow(pick: Pick, { walk }: Calls, model: Model, n: number): Pick {
  if (pick.work !== 'page' || walk === undefined) return pick
  const depth = Math.min(PAGE * (1 + (n % 2)), model.heavyTasks - PAGE)
  return { ...pick, depth, after: heavyKey(model, depth) }
}

async function cursorFor(ask: Ask, { walk }: Calls, depth: number): Promise<string | undefined> {
  if (walk === undefined) return undefined
  return walk.cursors(await ask(walk.call(heavyList, depth, undefined), 'walk'), depth)[0]
}

/** The cursors of a subject that makes its own, for every `pageStep`-th depth; none for the others. */
export async function walkAll(name: Server, port: number, database: BenchDatabase): Promise<string[]> {
  const { walk } = CALLS[name]
  if (walk === undefined) return []
  const step = pageStep(database.model)
  const ask = createAsk(name, CALLS[name], port)
  const cursors: string[] = ['']
  for (let given = ['']; given.length > 0 && cursors.length * step < database.model.heavyTasks; cursors.push(...given))
    given = walk.cursors(await ask(walk.call(heavyList, step, cursors.at(-1) || undefined), 'walk'), step)
  for (const at of [1, cursors.length - 2]) {
    const depth = Math.max(1, at) * step
    const pick: Pick = { work: 'page', user: heavyList.user, depth, after: heavyKey(database.model, depth) }
    const call = CALLS[name].call(pick, cursors[depth / step])
    if (call !== undefined) await checkAnswer(database, name, pick, CALLS[name].tasks(pick, await ask(call, 'page')))
  }
  return cursors
}
