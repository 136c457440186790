/** Runs the steps of docs/walkthrough.md with the project's own files. The service and the program run as processes. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '@taskwire/api/testing'
import { FORMATS } from '@taskwire/importers'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const fixtures = join(root, 'packages/importers/test-fixtures')
let home: string
let url: string
let stop: () => Promise<unknown>

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'taskwire-walk-'))
  const service = spawn(process.execPath, ['apps/api/src/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      PORT: '0',
      LOG_LEVEL: 'silent',
      WARM_UP: 'false',
      TASKWIRE_DIRECTORY: join(home, 'data'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  stop = async () => {
    service.kill('SIGINT')
    await once(service, 'exit')
  }
  for await (const line of createInterface(service.stderr)) {
    const found = /^Taskwire is at (\S+)/.exec(line)?.[1]
    if (found === undefined) continue
    url = found
    break
  }
  service.stderr.resume()
  // The service may listen before its database is ready. Until then, it refuses calls.
  await until(async () => (await fetch(`${url}/health/ready`)).ok)
})
afterAll(async () => {
  await stop()
  await rm(home, { recursive: true, force: true })
})

/** Runs the program with a configuration directory of its own for each account. */
function run(account: string, args: string[], input = ''): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'apps/cli/src/main.ts'), ...args], {
    cwd: fixtures,
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: join(home, account), TASKWIRE_URL: url },
  })
  return { code: status, out: stdout, err: stderr }
}

interface Listed {
  id: string
  title: string
  description: string | null
  complete: boolean
  priority: string
  tags: string[]
  due: unknown
  listName: string | null
}

// The fields that an export contains.
const exportedFields = ({ id, title, description, complete, priority, tags, due, listName }: Listed): Listed => ({
  id,
  title,
  description,
  complete,
  priority,
  tags,
  due,
  listName,
})
const everything = (account: string): Listed[] => {
  const listed = JSON.parse(run(account, ['list', '--all', '--json']).out) as Listed[]
  return listed.map(exportedFields).sort((a, b) => (a.id < b.id ? -1 : 1))
}

test('tasks of every file are imported once, found, completed, and exported and imported again unchanged', async () => {
  expect(
    run('ada', ['sign-up', 'ada@example.com', '--name', 'Ada', '--password-stdin'], 'long enough\n'),
  ).toMatchObject({ code: 0 })
  const folders = await readdir(fixtures, { recursive: true, withFileTypes: true })
  const files = folders
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
  const first = run('ada', ['import', ...files])
  // One file has no known format: it is reported, and the others are imported.
  expect(first.code).toBe(1)
  expect(first.err.match(/This is not a .*/g)).toEqual([expect.stringContaining("it is Taskwarrior's own data file")])

  const all = everything('ada')
  expect(all.length).toBeGreaterThan(100)
  const head = (): unknown => JSON.parse(run('ada', ['log', '--limit', '1', '--json']).out)
  const before = head()
  const again = run('ada', ['import', ...files])
  expect(again.out).toMatch(/ files: 0 imported, /)
  // Only damage and the file without tasks are reported again.
  expect(again.err.trimEnd().split('\n')).toEqual([
    expect.stringContaining('icalendar/damaged.ics: 1 damaged part'),
    expect.stringContaining('events-only.ics'),
    expect.stringContaining('taskwarrior/damaged.json: 2 parts of the file'),
    expect.stringContaining("it is Taskwarrior's own data file"),
    expect.stringContaining('damaged-quote.csv: 1 damaged part'),
    expect.stringContaining('--details'),
  ])
  expect(head()).toEqual(before)

  const open = all.find((task) => !task.complete && /^[a-z]+ [a-z ]+$/i.test(task.title))
  expect(open).toBeDefined()
  const [word = ''] = open?.title.split(' ') ?? []
  expect(run('ada', ['search', word]).out).toContain(open?.title)
  expect(run('ada', ['done', open?.id ?? '']).out).toContain('Completed')
  expect(run('ada', ['done', open?.id ?? '']).out).toContain('Already done')

  const done = everything('ada')
  for (const format of FORMATS) {
    const file = join(home, `all.${format}`)
    expect(run('ada', ['export', '--format', format, '--output', file]).code).toBe(0)
    expect(
      run(format, ['sign-up', `${format}@example.com`, '--name', 'X', '--password-stdin'], 'long enough\n').code,
    ).toBe(0)
    expect(run(format, ['import', '--format', format, file]).code).toBe(0)
    expect(everything(format)).toEqual(done)
  }
})
