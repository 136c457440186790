/** Tests the program as a process, with pipes and signals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import { afterAll, expect, test } from 'vitest'
import { EXIT } from './exit.ts'

const service = await startTestService()
const home = await mkdtemp(join(tmpdir(), 'taskwire-cli-'))
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})
const { token } = await service.signUp()
const root = join(import.meta.dirname, '../../..')
const main = join(import.meta.dirname, 'main.ts')
const env = {
  PATH: process.env['PATH'],
  HOME: home,
  TASKWIRE_URL: service.url,
  TASKWIRE_TOKEN: token,
}

interface Ended {
  code: number | null
  out: string
  err: string
}

async function end(child: ReturnType<typeof spawn>): Promise<Ended> {
  const ended = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (ended.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (ended.err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...ended }
}

/** Runs a shell script in which `$taskwire` is the program. */
const shell = async (script: string, cwd = home): Promise<Ended> =>
  await end(spawn('bash', ['-c', script], { cwd, env: { ...env, taskwire: `${process.execPath} ${main}` } }))

test('results go to a pipe, and failures set the exit code', async () => {
  expect(await shell('$taskwire add Buy milk --json | grep title')).toEqual({
    code: 0,
    out: '  "title": "Buy milk",\n',
    err: '',
  })
  expect((await shell('$taskwire list')).out).toContain('Buy milk')
  expect((await shell('$taskwire list --frob')).code).toBe(EXIT.usage)
  expect((await shell('TASKWIRE_TOKEN=nonsense $taskwire list')).code).toBe(EXIT.notSignedIn)
  expect((await shell('$taskwire show abcdef12')).code).toBe(EXIT.notFound)
  expect((await shell('TASKWIRE_URL=http://127.0.0.1:9 $taskwire list')).code).toBe(EXIT.failed)
})

test('a computer whose time zone has no name works', async () => {
  for (const zone of [':/etc/localtime', 'GMT+3', ''])
    expect(await shell(`TZ="${zone}" $taskwire account | grep zone`)).toEqual({
      code: 0,
      out: 'Time zone UTC\n',
      err: '',
    })
})

test('a pipe receives the complete output', async () => {
  const tasks = Array.from({ length: 2000 }, (_, index) => `task ${index} of many`)
  await writeFile(join(home, 'many.txt'), tasks.join('\n'))
  expect((await shell('$taskwire import many.txt')).code).toBe(0)
  const { code, out } = await shell('$taskwire list --all --json | cat')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toHaveLength(2001)
})

test('a closed pipe is no error', async () => {
  expect(await shell('$taskwire list --all | head -1; echo ${PIPESTATUS[0]}')).toMatchObject({
    out: expect.stringMatching(/^ID .*\n0\n$/u),
    err: '',
  })
})

test('output that cannot be written is an error with the reason', async () => {
  expect(await shell('$taskwire list --all --json > /dev/full')).toEqual({
    code: EXIT.failed,
    out: '',
    err: 'Standard output: the disk is full\n',
  })
})

test('Ctrl-C exits with 130', async () => {
  const child = spawn(process.execPath, [main, 'import', '--format', 'todotxt', '-'], { env })
  const ended = end(child)
  // This is more than a pipe holds: once the pipe drains, the program is reading.
  if (!child.stdin.write('task\n'.repeat(100_000))) await once(child.stdin, 'drain')
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: EXIT.interrupted, out: '', err: '\n' })
})

test('through npm, file names are relative to the folder in which npm was called', async () => {
  const docs = join(root, 'docs')
  const { code, out, err } = await shell('npm run -s taskwire -- import ./no-such-file.txt', docs)
  expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
  expect(err).toBe('./no-such-file.txt: there is no such file or directory; check the name\n')
  await writeFile(join(home, 'todo.txt'), 'from npm')
  expect((await shell(`npm run -s taskwire -- import ${join(home, 'todo.txt')}`, docs)).out).toContain('1 imported')
  expect((await shell('npm run -s taskwire -- show abcdef12', docs)).err).toContain('npm run -s taskwire -- list --all')
})
