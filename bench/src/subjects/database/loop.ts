import postgres from 'postgres'
import { createPicks, type Pick } from '../../load/picks.ts'
import { quantile } from '../../report/stats.ts'
import { compile, create, get, list, page, RANKS, search, update } from './statements.ts'
import type { LoopJob, LoopResult } from './start-loop.ts'

/** Single statements: a transaction would cost postgres.js a round trip for each of its parts. */
const STATEMENTS = { get, list, page, search, create, update }

type Values = Record<string, string | number>

function valuesOf(pick: Pick): Values {
  const user = 'user' in pick ? pick.user.id : ''
  switch (pick.work) {
    case 'page':
      return { user, id: pick.after.id, createdAt: pick.after.createdAt }
    case 'search':
      return { user, first: pick.words[0] ?? '', second: pick.words[1] ?? '' }
    case 'create': {
      const { title, description, priority, tags, due } = pick.draft
      const rest = { title, description, priority: RANKS.indexOf(priority), tags: `{${tags.join(',')}}`, due: due.date }
      return { user, id: pick.id, mutation: pick.mutationId, ...rest }
    }
    case 'update': {
      const { title, priority } = pick.changes
      return { user, id: pick.id, mutation: pick.mutationId, title, priority: RANKS.indexOf(priority) }
    }
    case 'get':
      return { user, id: pick.id }
    default:
      return { user }
  }
}

async function run({ url, model, work, seed, connections, warmMs, runMs }: LoopJob): Promise<LoopResult> {
  if (work === 'batch' || work === 'handling') return {}
  const sql = postgres(url, { max: connections, fetch_types: false })
  const compiled = Object.fromEntries(Object.entries(STATEMENTS).map(([name, build]) => [name, compile(build)]))
  const picks = createPicks(model, seed)
  const times: number[] = []
  const begin = performance.now() + warmMs
  const end = begin + runMs
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let now = performance.now(); now < end; now = performance.now()) {
        const pick = picks.next(work)
        const { text, names } = compiled[pick.work] ?? { text: '', names: [] }
        const values = valuesOf(pick)
        await sql.unsafe(
          text,
          names.map((name) => values[name] ?? null),
          { prepare: true },
        )
        if (now >= begin) times.push(performance.now() - now)
      }
    }),
  )
  await sql.end()
  times.sort((a, b) => a - b)
  const at = (share: number): number => quantile(times, share)
  const spread = { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: times.at(-1) ?? 0 }
  const rate = times.length / (runMs / 1000)
  return { calls: times.length, refused: 0, rate, ...spread, cpuServerUs: 0, bytes: 0, generatorLoad: 0 }
}

// Its one argument is the job, made by start-loop.ts.
process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as LoopJob)))
