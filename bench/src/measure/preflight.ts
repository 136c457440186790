import { type Call, type HttpResponse, openConnection } from '../load/http.ts'
import { createCallSpecs, heavyKey, type CallSpec, pageStep } from '../load/call-specs.ts'
import { median } from '../report/stats.ts'
import type { BenchDatabase } from '../seed/database.ts'
import { CALLS, type Calls, failureOf, isRefusal, type Server } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { HEAVY_USER, type Model, tokenOf, userId } from '../model.ts'
import { PAGE, type Work } from '../works.ts'
import { checkResponse } from './expected.ts'
import { openProxy } from './proxy.ts'
import { compareWithClient } from './real-client.ts'

/**
 * Round trips to the database per call. Null if the subject refused the call, or if each call may prepare another
 * statement. Missing if the subject has no such call.
 */
export type Trips = Partial<Record<Work, number | null>>

const POOL = 5
const CALLS_COUNTED = 5
const CHECKED = 3
/** Time for one work of a subject, so that fewer slow calls are sent. */
const COUNTING_MS = 700

/**
 * Checks every call of a subject before measuring, because a subject that returns wrong or no rows would
 * be the fastest. Throws if a response is wrong.
 */
export async function preflight(
  name: Server,
  works: readonly Work[],
  database: BenchDatabase,
  directory: string,
  report: (line: string) => void,
): Promise<Trips> {
  await using proxy = await openProxy(database.port)
  await using server = await startServer({ name, database, directory, databasePort: proxy.port, pool: POOL })
  const calls = CALLS[name]
  const specs = createCallSpecs(database.model, 42)
  const send = createSend(name, calls, server.port)
  const trips: Trips = {}
  if (name !== 'floor') await checkSessions(name, send, specs.next('get'))
  for (const work of works.filter((work) => work !== 'mixed')) {
    const counts: number[] = []
    const started = performance.now()
    // The first calls only make every connection prepare its statements.
    for (let n = 0; n < 3 * CALLS_COUNTED; n++) {
      const spec = limitDepth(specs.next(work), calls, database.model, n)
      const cursor = spec.work === 'page' ? await cursorFor(send, calls, spec.depth) : undefined
      const call = calls.call(spec, cursor)
      if (call === undefined) break
      const before = proxy.trips()
      const body = await send(call, work).catch(refusedOrThrow)
      if (body === REFUSED) {
        report(`${name} refused ${work} because of overload`)
        trips[work] = null
        break
      }
      counts.push(proxy.trips() - before)
      if (n < CHECKED) {
        await checkResponse(database, name, spec, calls.tasks(spec, body))
        if (name === 'taskwire') await compareWithClient(spec, call, cursor)
      }
      if (n >= CHECKED && performance.now() - started > COUNTING_MS) break
    }
    if (counts.length > 0 && trips[work] !== null)
      trips[work] = work === 'varied' ? null : median(counts.slice(-CALLS_COUNTED))
  }
  return trips
}

/** Checks that the subject verifies sessions, because a subject that does not has less to do. */
async function checkSessions(name: Server, send: Send, spec: CallSpec): Promise<void> {
  if (spec.work !== 'get') return
  const calls = CALLS[name]
  for (const token of ['nobody', tokenOf(HEAVY_USER)]) {
    const call = calls.call({ ...spec, user: { ...spec.user, token } }, undefined)
    const seen =
      call === undefined
        ? []
        : await send(call, 'get').then(
            (body) => calls.tasks(spec, body),
            () => [],
          )
    if (seen.some((task) => task?.id === spec.id)) throw new Error(`${name} shows a task to another user`)
  }
}

const REFUSED = Symbol('refused')
class Refusal extends Error {}
function refusedOrThrow(error: unknown): typeof REFUSED {
  if (error instanceof Refusal) return REFUSED
  throw error
}

export type Send = (call: Call, what: string) => Promise<unknown>

/** Returns a function that sends one call and returns the body. Throws if the call fails or is refused. */
export function createSend(name: Server, calls: Calls, port: number): Send {
  return async (call, what) => {
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
    const fail = (reason: string): void => reject(new Error(`${name} failed at ${what}: ${reason}`))
    const connection = openConnection(port, true, fail)
    connection.send(call, resolve)
    const response = await promise
    connection.close()
    const failure = failureOf(calls, response)
    if (isRefusal(response)) throw new Refusal(`${name} refused ${what}: ${failure ?? ''}`)
    if (failure !== undefined) throw new Error(`${name} failed at ${what}: ${failure}`)
    const body: unknown = JSON.parse(response.body?.toString('utf8') ?? 'null')
    return body
  }
}

const heavyList: CallSpec & { work: 'list' } = {
  work: 'list',
  user: { id: userId(HEAVY_USER), token: tokenOf(HEAVY_USER) },
}

/** Limits the depth: a walk to every depth would take too long. */
function limitDepth(spec: CallSpec, { walk }: Calls, model: Model, n: number): CallSpec {
  if (spec.work !== 'page' || walk === undefined) return spec
  const depth = Math.min(PAGE * (1 + (n % 2)), model.heavyTasks - PAGE)
  return { ...spec, depth, after: heavyKey(model, depth) }
}

async function cursorFor(send: Send, { walk }: Calls, depth: number): Promise<string | undefined> {
  if (walk === undefined) return undefined
  return walk.cursors(await send(walk.call(heavyList, depth, undefined), 'walk'), depth)[0]
}

/** Fetches cursors, one for every `pageStep` tasks, from a subject that makes its own. Returns none for others. */
export async function walkAll(name: Server, port: number, database: BenchDatabase): Promise<string[]> {
  const { walk } = CALLS[name]
  if (walk === undefined) return []
  const step = pageStep(database.model)
  const send = createSend(name, CALLS[name], port)
  const cursors: string[] = ['']
  for (
    let fetched = [''];
    fetched.length > 0 && cursors.length * step < database.model.heavyTasks;
    cursors.push(...fetched)
  )
    fetched = walk.cursors(await send(walk.call(heavyList, step, cursors.at(-1) || undefined), 'walk'), step)
  for (const at of [1, cursors.length - 2]) {
    const depth = Math.max(1, at) * step
    const spec: CallSpec = { work: 'page', user: heavyList.user, depth, after: heavyKey(database.model, depth) }
    const call = CALLS[name].call(spec, cursors[depth / step])
    if (call !== undefined) await checkResponse(database, name, spec, CALLS[name].tasks(spec, await send(call, 'page')))
  }
  return cursors
}
