import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { processTreeOf, signalAll, until } from './processes.ts'

const root = join(import.meta.dirname, '../..')

test('SIGTERM to npm run torture ends the services and the PostgreSQL that it started', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-torture-main-'))
  const child = spawn('npm', ['run', '-s', 'torture', '--', 'once', '--short', '--seed', '1'], {
    cwd: root,
    env: { ...process.env, TMPDIR: directory },
    stdio: 'ignore',
  })
  const findPidFiles = async (): Promise<string[]> =>
    (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('postmaster.pid'))
  const { pid = 0 } = child
  let tree: number[] = []
  try {
    await until('the instances to run', async () => {
      tree = await processTreeOf(pid)
      const programs = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')
      const instances = programs.filter((line) => line.endsWith('api/src/main.ts') && tree.includes(parseInt(line, 10)))
      return instances.length === 2
    })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([null, 'SIGTERM'])
    await until('all to end', () => signalAll(tree, 0) === 0)
    expect(await findPidFiles()).toEqual([])
  } finally {
    signalAll(tree, 'SIGKILL')
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
})
