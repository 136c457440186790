import postgres from 'postgres'
import { createCallSpecs, type CallSpec } from '../../load/call-specs.ts'
import { quantile } from '../../report/stats.ts'
import { compile, create, get, list, page, RANKS, search, update } from './statements.ts'
import type { LoopJob, LoopResult } from './start-loop.ts'

/** Single statements: a transaction would take postgres.js several round trips. */
const STATEMENTS = { get, list, page, search, create, update }

type Values = Record<string, string | number>

function valuesOf(spec: CallSpec): Values {
  const user = 'user' in spec ? spec.user.id : ''
  switch (spec.work) {
    case 'page':
      return { user, id: spec.after.id, createdAt: spec.after.createdAt }
    case 'search':
      return { user, first: spec.words[0] ?? '', second: spec.words[1] ?? '' }
    case 'create': {
      const { title, description, priority, tags, due } = spec.draft
      const rest = { title, description, priority: RANKS.indexOf(priority), tags: `{${tags.join(',')}}`, due: due.date }
      return { user, id: spec.id, mutation: spec.mutationId, ...rest }
    }
    case 'update': {
      const { title, priority } = spec.changes
      return { user, id: spec.id, mutation: spec.mutationId, title, priority: RANKS.indexOf(priority) }
    }
    case 'get':
      return { user, id: spec.id }
    default:
      return { user }
  }
}

async function run({ url, model, work, seed, connections, warmMs, runMs }: LoopJob): Promise<LoopResult> {
  if (work === 'batch' || work === 'handling') return {}
  const sql = postgres(url, { max: connections, fetch_types: false })
  const compiled = Object.fromEntries(Object.entries(STATEMENTS).map(([name, build]) => [name, compile(build)]))
  const specs = createCallSpecs(model, seed)
  const times: number[] = []
  const begin = performance.now() + warmMs
  const end = begin + runMs
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let now = performance.now(); now < end; now = performance.now()) {
        const spec = specs.next(work)
        const { text, names } = compiled[spec.work] ?? { text: '', names: [] }
        const values = valuesOf(spec)
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

// start-loop.ts passes the job as the only argument.
process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as LoopJob)))
