import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import { FORMATS, type Format, type NamedTask } from '@taskwire/importers'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount, type TestAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

/** An account with tasks that are hard to represent in some format. */
async function fullAccount(): Promise<TestAccount> {
  const user = await account()
  const { client } = user
  const garden = await client.lists.create.mutate({ name: 'Garden & "house", etc.' })
  const work = await client.lists.create.mutate({ name: 'work' })
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'plain' },
      { title: 'plain' },
      { title: '(A) x 2026-01-01 +p @c due:2026-01-01 "quoted", done; ok\\' },
      { title: '日本語 👩‍👩‍👧‍👦 שלום', tags: ['a tag with blanks', 'Straße', '#+@'], priority: 'urgent' },
      { title: 'x'.repeat(200), description: 'y'.repeat(1000) },
      { title: 'lines', description: ' first\n\n  second\tand more\r\nthird ' },
      { title: 'empty description', description: '' },
      { title: 'done', complete: true, priority: 'low' },
      { title: 'in a list', listId: garden.id, due: { date: '2027-02-28' }, priority: 'high' },
      { title: 'timed', listId: garden.id, due: { date: '2027-03-28', time: '02:30', timeZone: 'Europe/Berlin' } },
      {
        title: 'timed in UTC',
        listId: work.id,
        due: { date: '2026-12-31', time: '23:59', timeZone: 'UTC' },
        complete: true,
      },
      { title: 'many tags', listId: work.id, tags: Array.from({ length: 10 }, (_, index) => `tag ${index}`) },
      { title: '=1+1', listId: work.id, priority: 'medium' },
    ],
  })
  const last = await client.tasks.create.mutate({ title: 'made last, placed first', listId: work.id })
  await client.tasks.move.mutate({ id: last.id, after: null })
  const trashed = await client.tasks.create.mutate({ title: 'in the trash' })
  await client.tasks.delete.mutate({ id: trashed.id })
  return user
}

/** The fields that an import keeps. */
function keptFields(tasks: readonly NamedTask[]): unknown[] {
  return tasks.map(({ id, title, description, complete, priority, tags, due, listName }) => {
    return { id, title, description, complete, priority, tags, due, listName }
  })
}

describe.each(FORMATS)('%s', (format: Format) => {
  test('importing an export creates the same tasks in another account, and changes nothing in its own', async () => {
    await using user = await fullAccount()
    await using other = await account()
    const { code, out, err } = await user.call('export', '--format', format)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const head = await user.head()

    const again = await user.with({ stdin: out })('import', '--format', format, '-')
    expect(again.code).toBe(0)
    expect(again.out).toMatch(/: 0 imported, 14 already there/u)
    expect(await user.head()).toBe(head)

    expect((await other.with({ stdin: out })('import', '--format', format, '-')).code).toBe(0)
    const [before, after] = [
      await user.json<NamedTask[]>('list', '--all'),
      await other.json<NamedTask[]>('list', '--all'),
    ]
    expect(keptFields(after)).toEqual(keptFields(before))
  })

  test('an exported file is recognised by its content', async () => {
    await using user = await fullAccount()
    await using other = await account()
    const path = join(other.home, 'exported.txt')
    const { code, out, err } = await user.call('export', '--format', format, '--output', path)
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: `Wrote 14 tasks to ${path}.\n` })
    expect((await other.call('import', path)).out).toMatch(
      new RegExp(`exported\\.txt \\(${format}\\): 14 imported`, 'u'),
    )
  })
})

test('the options of list select the tasks', async () => {
  await using user = await fullAccount()
  const titles = async (...args: string[]): Promise<string[]> => {
    const { tasks } = await user.json<{ tasks: Task[] }>('export', ...args)
    return tasks.map(({ title }) => title)
  }
  expect(await titles('--list', 'work')).toEqual(['made last, placed first', 'timed in UTC', 'many tags', '=1+1'])
  expect(await titles('--done')).toEqual(['done', 'timed in UTC'])
  expect(await titles('--list', 'work', '--open', '--tag', 'tag 3')).toEqual(['many tags'])
  expect(await titles('--search', 'timed')).toEqual(['timed', 'timed in UTC'])
  expect(await titles('--trash')).toEqual(['in the trash'])
})

test('without tasks the file is valid and empty, and --json reports what was written', async () => {
  await using user = await account()
  const path = join(user.home, 'nothing.ics')
  expect(await user.json('export', '--format', 'icalendar', '--output', 'nothing.ics')).toEqual({
    file: 'nothing.ics',
    format: 'icalendar',
    tasks: 0,
  })
  expect(await readFile(path, 'utf8')).toContain('BEGIN:VCALENDAR')
  expect((await user.call('export')).out).toContain('"tasks": []')
})

test('a file that cannot be written is an error with the reason', async () => {
  await using user = await account()
  const { code, out, err } = await user.call('export', '--output', 'no/such/folder.json')
  expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
  expect(err).toContain('no/such/folder.json: there is no such file or directory')
  await expect(stat(join(user.home, 'no'))).rejects.toThrow('ENOENT')
  await user.call('add', 'x')
  expect(await user.call('export', '--output', '/dev/full')).toEqual({
    code: EXIT.failed,
    out: '',
    err: '/dev/full: the disk is full\n',
  })
})
