import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Measured } from '../../load/job.ts'
import { searchesIn } from '../../model.ts'
import { pinned } from '../../measure/pinning.ts'
import { cpuOfTree } from '../../measure/processes.ts'
import { quantile } from '../../report/stats.ts'
import type { BenchDatabase } from '../../seed/database.ts'
import { PASSWORD } from '../../seed/roles.ts'
import { BATCH, MIX, type Work } from '../../works.ts'
import { create, get, list, page, type Parameter, search, update } from './statements.ts'

/** Time to connect, which pgbench counts as part of its duration. Before the first run, this is an estimate. */
let connectingMs = 3000

export const hasPgbench: boolean = spawnSync('pgbench', ['--version'], { stdio: 'ignore' }).status === 0

const searches = searchesIn('latin')
const word = (at: 0 | 1): string => `(array['${searches.map((words) => words[at] ?? '').join("','")}'])[:search::int]`

// The model's functions compute ids from numbers, in about a microsecond.
const VALUES: Record<string, string> = {
  user: 'bench_seed.user_id(bench_seed.user_of(:task))',
  id: 'bench_seed.task_id(:task)',
  createdAt: 'bench_seed.made_at(:task)',
  first: word(0),
  second: word(1),
  mutation: 'gen_random_uuid()',
  title: "('check ' || :task::bigint)",
  description: "'Ask about the desk first; the chair has to be there before the end of the week.'",
  priority: '(:task::bigint % 5)',
  tags: "'{home,errands}'",
  due: "'2027-05-15'",
}
const value: Parameter = (name, type) => `${VALUES[name]?.replace(':task)', ':task::bigint)') ?? ''}::${type}`
const fresh: Parameter = (name, type) => (name === 'id' ? 'gen_random_uuid()' : value(name, type))

const ANY = '\\set task random(1, :tasks)'
const HEAVY = '\\set task :stride * random(1, :heavy)'
const WORDS = `\\set search random(1, ${searches.length})`
// Never a task of the first user.
const LIGHT = '\\set task random(0, :heavy - 1) * :stride + random(1, :stride - 1)'
const once = (text: string): string => `${text.replace(/\s+/g, ' ').trim()};`

/** A hand-written mutation: lock, write and COMMIT in one pipeline. */
function transaction(write: string, pick: string): string {
  const lock = `select revision from tw.spaces where id = ${VALUES['user']?.replace(':task)', ':task::bigint)')} for no key update;`
  return [pick, '\\startpipeline', 'begin;', lock, once(write), 'commit;', '\\endpipeline'].join('\n')
}

const SCRIPTS: Partial<Record<Work, string>> = {
  get: `${ANY}\n${once(get(value))}`,
  list: `${ANY}\n${once(list(value))}`,
  page: `${HEAVY}\n${once(page(value))}`,
  search: `${HEAVY}\n${WORDS}\n${once(search(value))}`,
  create: transaction(create(fresh), LIGHT),
  update: transaction(update(value), ANY),
  batch: [
    '\\startpipeline',
    ...Array.from({ length: BATCH }, () => `${ANY}\n${once(get(value))}`),
    '\\endpipeline',
  ].join('\n'),
}

export interface DatabaseJob {
  work: Work
  seed: number
  warmMs: number
  runMs: number
  connections: number
}

/** Runs the statements of a work with pgbench. Returns undefined if there are none for it. */
export async function runPgbench(database: BenchDatabase, job: DatabaseJob): Promise<Measured | undefined> {
  const { work, warmMs, runMs, seed, connections } = job
  const parts = work === 'mixed' ? MIX : ([[work, 1]] as const)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-bench-'))
  try {
    const files: string[] = []
    for (const [part, share] of parts) {
      const script = SCRIPTS[part]
      if (script === undefined) return undefined
      const file = join(directory, `${part}.sql`)
      await writeFile(file, script)
      files.push('-f', `${file}@${share}`)
    }
    const { tasks, stride, heavyTasks } = database.model
    // One second more, so that pgbench still runs when the measured time ends.
    const seconds = 1 + Math.ceil((connectingMs + warmMs + runMs) / 1000)
    const flags = `pgbench -n -M prepared -c ${connections} -j 1 -T ${seconds} --random-seed=${seed} -h 127.0.0.1 -p ${database.port} -U bench_open`
    const variables = `-D tasks=${tasks} -D stride=${stride} -D heavy=${heavyTasks}`
    const command = [...`${flags} ${variables} -l --log-prefix`.split(' '), join(directory, 'log'), ...files, 'bench']
    const [program, args] = pinned('generator', command)
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'], PGPASSWORD: PASSWORD },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const started = performance.now()
    await waitForConnections(database, connections, exited)
    connectingMs = Math.min(3000, 100 + 2 * (performance.now() - started))
    await pause(warmMs)
    const before = { at: Date.now(), cpu: cpuOfTree(database.postmasterPid) }
    await Promise.race([pause(runMs), exited])
    const after = { at: Date.now(), cpu: cpuOfTree(database.postmasterPid) }
    if ((await exited) !== 0) throw new Error(`pgbench failed at ${work}: ${stderr.slice(0, 1000)}`)
    return measured(await readLog(directory), before, after)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Waits until pgbench has all its connections, or has ended. */
async function waitForConnections({ sql }: BenchDatabase, wanted: number, exited: Promise<unknown>): Promise<void> {
  const ended = exited.then(() => wanted)
  for (let open = 0; open < wanted;) {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where application_name = 'pgbench'`
    open = row?.n ?? 0
    if (open < wanted) open = (await Promise.race([ended, pause(5)])) ?? open
  }
}

interface Snapshot {
  at: number
  cpu: number
}

/** Reads the log. Fields: client, transaction, microseconds, script, end in seconds and microseconds. */
async function readLog(directory: string): Promise<[endMs: number, us: number][]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('log.'))
  const texts = await Promise.all(names.map(async (name) => await readFile(join(directory, name), 'utf8')))
  return texts
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => line.split(' ').map(Number))
    .map(([, , us = 0, , seconds = 0, micros = 0]) => [seconds * 1000 + micros / 1000, us])
}

function measured(log: [number, number][], before: Snapshot, after: Snapshot): Measured {
  const times = log.filter(([end]) => end > before.at && end <= after.at).map(([, us]) => us / 1000)
  times.sort((a, b) => a - b)
  const seconds = (after.at - before.at) / 1000
  return {
    calls: times.length,
    refused: 0,
    rate: times.length / seconds,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    max: times.at(-1) ?? 0,
    cpuServerUs: 0,
    cpuDatabaseUs: (after.cpu - before.cpu) / Math.max(1, times.length),
    bytes: 0,
    generatorLoad: 0,
  }
}
