import {
  createdMs,
  HEAVY_USER,
  inTrash,
  type Model,
  searchesIn,
  taskId,
  tokenOf,
  userId,
  userOf,
  WORDS,
} from '../model.ts'
import { BATCH, MIX, PAGE, SCRIPT_OF, type Work } from '../works.ts'
import { createRandom, type Random, uuidv7 } from './random.ts'
import { drawShape, PRIORITIES, type Priority, type Shape } from './shapes.ts'

export interface User {
  id: string
  token: string
}
/** The id and creation time of the task after which a page begins. */
export interface Key {
  id: string
  createdAt: string
}
export interface Draft {
  title: string
  description: string
  priority: Priority
  due: { date: string }
  tags: string[]
}

/** One call, independent of the subject. */
export type CallSpec =
  | { work: 'get'; user: User; id: string }
  | { work: 'list'; user: User }
  | ({ work: 'varied'; user: User } & Shape)
  | { work: 'page'; user: User; depth: number; after: Key }
  | { work: 'search'; user: User; words: string[] }
  | { work: 'create'; user: User; id: string; mutationId: string; draft: Draft }
  | { work: 'update'; user: User; id: string; mutationId: string; changes: Pick<Draft, 'title' | 'priority'> }
  | { work: 'batch'; user: User; ids: string[] }
  | { work: 'handling'; n: number }

/** Yields the same calls in the same order for the same seed, so that every subject gets the same calls. */
export interface CallSpecs {
  next(work: Work): CallSpec
}

/** Number of batches to draw from: enough to defeat caches. */
const BATCHES = 2000

/** If `only` is given, every page has this depth. */
export function createCallSpecs(model: Model, seed: number, only?: number): CallSpecs {
  const random = createRandom(seed)
  const batches = batchesOf(model)
  const searches = { latin: searchesIn('latin'), cyrillic: searchesIn('cyrillic'), chinese: searchesIn('chinese') }
  const anyTask = (): number => 1 + Math.floor(random() * model.tasks)
  const from = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const user = (n: number): User => ({ id: userId(n), token: tokenOf(n) })

  // Never the first user: its list is far longer than any other, and its pages must stay at their depths.
  function ordinaryUser(): number {
    let owner = HEAVY_USER
    while (owner === HEAVY_USER) owner = userOf(model, anyTask())
    return owner
  }

  function liveTask(): number {
    let task = anyTask()
    while (inTrash(model, task)) task = anyTask()
    return task
  }

  function next(work: Work): CallSpec {
    switch (work) {
      case 'get': {
        const task = anyTask()
        return { work, user: user(userOf(model, task)), id: taskId(model, task) }
      }
      // Users are weighted by the number of their tasks.
      case 'list':
        return { work, user: user(userOf(model, anyTask())) }
      case 'page': {
        const step = pageStep(model)
        const depth = only ?? step * (1 + Math.floor(random() * Math.max(1, Math.floor(model.heavyTasks / step) - 1)))
        return { work, user: user(HEAVY_USER), depth, after: heavyKey(model, depth) }
      }
      case 'search':
      case 'search-cyrillic':
      case 'search-chinese':
        return { work: 'search', user: user(HEAVY_USER), words: from(searches[SCRIPT_OF[work] ?? 'latin']) }
      case 'varied':
      case 'varied-list': {
        // Both draw the same users in the same order.
        const owner = ordinaryUser()
        const shape = drawShape(random, owner, model)
        return work === 'varied' ? { work, user: user(owner), ...shape } : { work: 'list', user: user(owner) }
      }
      case 'create':
        return {
          work,
          user: user(ordinaryUser()),
          id: uuidv7(random),
          mutationId: uuidv7(random),
          draft: draft(random, from),
        }
      case 'update': {
        const task = liveTask()
        const { title, priority } = draft(random, from)
        const changes = { title, priority }
        return {
          work,
          user: user(userOf(model, task)),
          id: taskId(model, task),
          mutationId: uuidv7(random),
          changes,
        }
      }
      case 'batch': {
        const [owner, tasks] = from(batches)
        return { work, user: user(owner), ids: tasks.map((task) => taskId(model, task)) }
      }
      case 'handling':
        return { work, n: Math.floor(random() * 1000) }
      case 'mixed': {
        let at = random() * 100
        const [chosen] = MIX.find(([, share]) => (at -= share) < 0) ?? ['get']
        return next(chosen)
      }
    }
  }
  return { next }
}

/** Returns the step between the depths at which pages begin. walkAll() fetches a cursor for each of these depths. */
export function pageStep({ heavyTasks }: Model): number {
  return heavyTasks >= 1000 ? 2 * PAGE : PAGE
}

/** The key of the `depth`-th newest task of the first user. */
export function heavyKey(model: Model, depth: number): Key {
  const task = model.stride * (model.heavyTasks - depth + 1)
  return { id: taskId(model, task), createdAt: new Date(createdMs(model, task)).toISOString() }
}

function draft(random: Random, from: <T>(list: readonly T[]) => T): Draft {
  const { verbs, nouns } = WORDS.latin
  const noun = from(nouns)
  return {
    // The time makes titles unique: an update to a title that another subject has just written would change nothing.
    title: `${from(verbs)} ${noun} ${Date.now()} ${Math.floor(random() * 1e9)}`,
    description: `Ask about the ${from(nouns)} first; the ${noun} has to be there before the end of the week.`,
    priority: from(PRIORITIES),
    due: { date: `2027-0${1 + Math.floor(random() * 9)}-15` },
    tags: ['home', 'errands'],
  }
}

// Cached by model, because the search takes a while.
const batchCache = new Map<string, Batches>()
type Batches = [owner: number, tasks: number[]][]

/** Returns users of the whole table, each with ten of their tasks that are not in the trash. */
function batchesOf(model: Model): Batches {
  const name = JSON.stringify(model)
  const batches = batchCache.get(name) ?? findBatches(model)
  batchCache.set(name, batches)
  return batches
}

function findBatches(model: Model): Batches {
  const found = new Map<number, number[]>()
  const full: Batches = []
  const step = Math.max(1, Math.floor(model.tasks / 400_000))
  for (let task = 1; task <= model.tasks && full.length < BATCHES; task += step) {
    if (inTrash(model, task)) continue
    const owner = userOf(model, task)
    const tasks = found.get(owner) ?? []
    found.set(owner, tasks)
    tasks.push(task)
    if (tasks.length < BATCH) continue
    full.push([owner, tasks])
    found.delete(owner)
  }
  return full
}
