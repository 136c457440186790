import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import { FORMATS, type Format, type Note } from '@taskwire/importers'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount, type TestAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const FIXTURES = join(import.meta.dirname, '../../../../packages/importers/test-fixtures')
const fixtures = (
  await Promise.all(
    FORMATS.map(async (format) => (await readdir(join(FIXTURES, format))).map((file) => [format, file] as const)),
  )
)
  .flat()
  // Taskwarrior's data file is not an export, and is refused.
  .filter(([, file]) => file !== 'pending.data')

interface Report {
  files: {
    file: string
    format: Format | null
    imported: number
    existing: { total: number }
    refused: number
    notes: Note[]
    error: string | null
  }[]
}
const write = async (user: TestAccount, file: string, content: string | Uint8Array): Promise<void> =>
  await writeFile(join(user.home, file), content)
const titles = (tasks: readonly Task[]): string[] => tasks.map(({ title }) => title)

describe.each(fixtures)('%s/%s', (format, file) => {
  test('imports; importing it again changes nothing and repeats no note', async () => {
    await using user = await account()
    await copyFile(join(FIXTURES, format, file), join(user.home, file))
    const { files } = await user.json<Report>('import', file)
    const [first] = files
    expect(first).toMatchObject({ file, format, existing: { total: 0, tasks: [] }, refused: 0, error: null })
    const all = await user.json<Task[]>('list', '--all')
    expect(all).toHaveLength(first?.imported ?? -1)
    const head = await user.head()

    const again = await user.call('import', file)
    expect(again.code).toBe(0)
    expect(again.out).toContain(`${file} (${format}): 0 imported, ${first?.imported} already there`)
    // A second import reports only damage and files without tasks.
    const damage = first?.notes.filter(
      ({ kind, label }) => label === undefined && ['unreadable', 'damaged'].includes(kind),
    )
    if (first?.imported !== 0 && damage?.length === 0)
      expect(again).toMatchObject({ out: expect.stringMatching(/there\n$/u), err: '' })
    if (first?.imported !== 0)
      expect((await user.json<Report>('import', file)).files).toMatchObject([{ notes: damage }])
    expect(await user.head()).toBe(head)
  })

  test('prints with --details a line for each note of the JSON', async () => {
    await using user = await account()
    await copyFile(join(FIXTURES, format, file), join(user.home, file))
    const [{ notes } = { notes: [] }] = (await user.json<Report>('import', file)).files
    const printed = (await user.call('import', '--details', file)).err.split('\n').slice(0, -1)
    expect(printed).toHaveLength(notes.length)
    for (const { line, label, detail } of notes) {
      const start = [line === undefined ? file : `${file}:${line}`, label ?? ''].join(': ')
      expect(printed.some((each) => each.startsWith(start) && each.endsWith(detail))).toBe(true)
    }
  })
})

describe('encodings', () => {
  test.each([
    ['UTF-16, little-endian', Buffer.from('\ufeffgrüne Äpfel', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('\ufeffgrüne Äpfel', 'utf16le').swap16()],
    ['UTF-8 with a byte-order mark', Buffer.from('\ufeffgrüne Äpfel')],
  ])('%s', async (_name, bytes) => {
    await using user = await account()
    await write(user, 'todo.txt', bytes)
    expect(await user.call('import', 'todo.txt')).toMatchObject({ code: 0, err: '' })
    expect(titles(await user.json<Task[]>('list'))).toEqual(['grüne Äpfel'])
  })

  test('Windows-1252, with a note', async () => {
    await using user = await account()
    await write(user, 'todo.txt', Buffer.from('gr\u00fcne \u00c4pfel', 'latin1'))
    const { code, err } = await user.call('import', 'todo.txt')
    expect(code).toBe(0)
    expect(err).toBe('todo.txt: 1 file is not in UTF-8: read as Windows-1252; check that all letters are right\n')
    expect(titles(await user.json<Task[]>('list'))).toEqual(['grüne Äpfel'])
  })
})

describe('a file that cannot be imported', () => {
  test('is reported by name, and the other files are imported', async () => {
    await using user = await account()
    await write(user, 'good.txt', 'good')
    await write(user, 'bad.json', '{"not":"tasks"')
    await write(user, 'program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0, 1]))
    await write(user, 'what.bin', 'who knows')
    await mkdir(join(user.home, 'folder'))
    const files = ['missing.txt', 'bad.json', 'program', 'what.bin', 'folder', 'good.txt']
    const { code, out, err } = await user.call('import', ...files)
    expect({ code, out }).toEqual({
      code: EXIT.failed,
      out: 'good.txt (todotxt): 1 imported, 0 already there\n6 files: 1 imported, 0 already there, 5 files failed\n',
    })
    expect(err.trimEnd().split('\n')).toEqual([
      'missing.txt: there is no such file or directory; check the name',
      expect.stringMatching(
        /^bad\.json: This is not a Taskwire JSON file: it is not JSON.*taskwire export --format json$/u,
      ),
      expect.stringMatching(/^program: this is not a text file/u),
      expect.stringMatching(/^what\.bin: its format is not recognised\. Name it: --format todotxt\|/u),
      'folder: is a directory; name a file',
    ])
    const report = JSON.parse((await user.call('import', '--json', ...files)).out) as Report
    expect(report.files.map(({ error }) => error === null)).toEqual([false, false, false, false, false, true])
  })

  test('includes one of another format than --format names', async () => {
    await using user = await account()
    await write(user, 'todo.txt', 'Buy milk')
    const { code, err } = await user.call('import', '--format', 'icalendar', 'todo.txt')
    expect(code).toBe(EXIT.failed)
    expect(err).toMatch(/^todo\.txt: This is not an iCalendar file: /u)
    expect(await user.head()).toBe(0)
  })
})

test('an invalid byte on standard input is replaced', async () => {
  await using user = await account()
  const bytes = Buffer.concat([Buffer.from('grüne Äpfel\n'), Buffer.from([0xff]), Buffer.from(' Birnen\n')])
  const { code, out, err } = await user.with({ stdin: bytes })('import', '--format', 'todotxt', '-')
  expect({ code, out }).toEqual({ code: 0, out: '- (todotxt): 2 imported, 0 already there, 1 note\n' })
  expect(err).toMatch(/^-: 1 text had unsupported characters replaced.* \(line 2\)\n$/u)
  expect(titles(await user.json<Task[]>('list'))).toEqual(['grüne Äpfel', '\ufffd Birnen'])
})

test('standard input is imported with --format', async () => {
  await using user = await account()
  const stdin = '[{"description":"from a pipe","status":"pending","uuid":"aaaa1111-0000-4000-8000-00000000bbbb"}]'
  const { code, out } = await user.with({ stdin })('import', '--format', 'taskwarrior', '-')
  expect({ code, out }).toEqual({ code: 0, out: '- (taskwarrior): 1 imported, 0 already there\n' })
  expect(await user.json<Task[]>('list')).toMatchObject([
    { id: 'aaaa1111-0000-4000-8000-00000000bbbb', title: 'from a pipe' },
  ])
})
