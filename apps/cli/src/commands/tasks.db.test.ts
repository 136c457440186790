import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import { type Field, TASK_FIELDS } from '@taskwire/contract/fields'
import type { NamedTask } from '@taskwire/importers'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount } from '../testing/account.ts'
import { optionName } from '../text-fields.ts'
import { startCuttingProxy } from '../testing/cutting-proxy.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'
const end = ({ id }: { id: string }): string => id.slice(-8)

describe('ids', () => {
  test('a full id, its beginning or its end selects a task', async () => {
    await using user = await account()
    const task = await user.client.tasks.create.mutate({ id: 'aaaa1111-0000-4000-8000-00000000bbbb', title: 'one' })
    await user.client.tasks.create.mutate({ title: 'another' })
    for (const name of [task.id, task.id.toUpperCase(), 'aaaa1111', 'AAAA', '0000bbbb', '8000-00000000bbbb'])
      expect((await user.json<Task>('show', name)).id).toBe(task.id)
  })

  test('a part that matches several tasks is an error that lists them', async () => {
    await using user = await account()
    for (const [index, title] of ['one', 'two'].entries())
      await user.client.tasks.create.mutate({ id: `aaaa111${index}-0000-4000-8000-00000000bbbb`, title })
    expect(await user.call('show', 'bbbb')).toEqual({
      code: EXIT.usage,
      out: '',
      err: 'bbbb matches 2 tasks; give more of the id:\n  aaaa1110  one\n  aaaa1111  two\n',
    })
    // If a part matches an open and a completed task, done selects the open one.
    expect((await user.call('done', 'aaaa1110')).code).toBe(0)
    expect((await user.call('done', 'bbbb')).out).toBe('Completed 0000bbbb two\n')
  })

  test.each([
    ['show', UNKNOWN_ID],
    ['show', 'abcdef12'],
    ['done', UNKNOWN_ID],
    ['edit', UNKNOWN_ID, '--title', 'x'],
    ['rm', 'milk'],
    ['rm', '--purge', UNKNOWN_ID],
    ['restore', UNKNOWN_ID],
  ])('%s %s reports that no task matches', async (...args) => {
    await using user = await account()
    const { code, out, err } = await user.call(...args)
    expect({ code, out }).toEqual({ code: EXIT.notFound, out: '' })
    expect(err).toMatch(/(No task has an id|is not a task's id).*taskwire list --all/u)
  })

  test('a task of another user is not found', async () => {
    await using user = await account()
    await using other = await account()
    const { id } = await other.client.tasks.create.mutate({ title: 'theirs' })
    expect((await user.call('show', id)).code).toBe(EXIT.notFound)
  })
})

describe('show', () => {
  test('prints every field, and no control characters', async () => {
    await using user = await account()
    const { id: listId } = await user.client.lists.create.mutate({ name: 'Garden' })
    const task = await user.client.tasks.create.mutate({
      title: 'Paint the fence',
      listId,
      tags: ['a', 'b'],
      priority: 'high',
      description: 'first\r\nthen \u001b[31mred',
      due: { date: '2020-01-02', time: '09:30', timeZone: 'Europe/Berlin' },
    })
    const { out } = await user.call('show', end(task))
    expect(out).not.toMatch(/\u001b|\r/u)
    for (const line of [
      'Paint the fence',
      `ID        ${task.id}`,
      'List      Garden',
      'State     open',
      'Priority  high',
      'Due       2020-01-02 09:30 Europe/Berlin (overdue)',
      'Tags      a, b',
      'first',
      'then ␛[31mred',
    ])
      expect(out.split('\n')).toContain(line)
    expect(await user.json<NamedTask>('show', task.id)).toEqual({ ...task, listName: 'Garden' })
  })
})

const OPTIONAL_TEXTS = Object.entries<Field>(TASK_FIELDS)
  .filter(([, { kind, nullable }]) => (kind === 'line' || kind === 'text') && nullable)
  .map(([name, { kind }]) => ({ name, text: kind === 'text' ? 'one\ntwo' : 'one two' }))

test.each(OPTIONAL_TEXTS)('add sets the field $name, show prints it, and edit changes and clears it', async (field) => {
  await using user = await account()
  const option = optionName(field.name)
  const task = await user.json<Task>('add', 'a', `--${option}`, field.text)
  expect(task).toMatchObject({ [field.name]: field.text })
  // A text is one line in a row, and keeps its line breaks below the rows.
  expect((await user.call('show', end(task))).out.replaceAll('\n', ' ')).toContain('one two')
  const edit = async (...args: string[]) => await user.json<Task>('edit', end(task), ...args)
  expect(await edit(`--${option}`, 'other')).toMatchObject({ [field.name]: 'other' })
  expect(await edit(`--clear-${option}`)).toMatchObject({ [field.name]: null })
})

describe('done, rm and restore', () => {
  test('done completes and reopens; repeating it changes nothing and succeeds', async () => {
    await using user = await account()
    const { client } = user
    const [a, b] = [await client.tasks.create.mutate({ title: 'a' }), await client.tasks.create.mutate({ title: 'b' })]
    expect((await user.call('done', end(a), b.id, end(a))).out).toBe(`Completed ${end(a)} a\nCompleted ${end(b)} b\n`)
    const head = await user.head()
    expect(await user.call('done', end(a))).toEqual({ code: 0, out: `Already done: ${end(a)} a\n`, err: '' })
    expect(await user.head()).toBe(head)
    expect((await user.call('done', '--undo', end(a))).out).toBe(`Reopened ${end(a)} a\n`)
    const done = await user.json<Task[]>('done', end(a))
    expect(done).toMatchObject([{ id: a.id, complete: true }])
    const { changes } = await client.changes.list.query({ after: 2 })
    expect(changes.map(({ action }) => action)).toEqual(['complete', 'complete', 'reopen', 'complete'])
  })

  test('rm moves to the trash, restore takes out, rm --purge erases', async () => {
    await using user = await account()
    const task = await user.client.tasks.create.mutate({ title: 'a' })
    expect((await user.call('rm', end(task))).out).toBe(`Moved to the trash: ${end(task)} a\n`)
    expect((await user.call('rm', end(task))).out).toBe(`Already in the trash: ${end(task)} a\n`)
    expect((await user.call('list', '--trash')).out).toContain('IN TRASH SINCE')
    const inTrash = await user.call('done', end(task))
    expect(inTrash).toMatchObject({ code: EXIT.conflict, out: '' })
    expect(inTrash.err).toBe(
      `Task ${end(task)} "a": It is in the trash. Restore it first: taskwire restore ${end(task)}\n`,
    )
    expect((await user.call('edit', end(task), '--title', 'b')).code).toBe(EXIT.conflict)
    expect((await user.call('restore', end(task))).out).toBe(`Restored ${end(task)} a\n`)
    expect((await user.call('restore', end(task))).out).toBe(`Not in the trash: ${end(task)} a\n`)
    expect(await user.json('rm', '--purge', end(task))).toEqual([{ id: task.id, revision: 4 }])
    expect((await user.call('show', task.id)).code).toBe(EXIT.notFound)
  })

  test('one failure is reported, and the other tasks are still completed', async () => {
    await using user = await account()
    const { client } = user
    const [a, b] = [await client.tasks.create.mutate({ title: 'a' }), await client.tasks.create.mutate({ title: 'b' })]
    await client.tasks.delete.mutate({ id: a.id })
    const { code, out, err } = await user.call('done', a.id, b.id, '--json')
    expect(code).toBe(EXIT.conflict)
    expect(JSON.parse(out)).toMatchObject([{ id: b.id, complete: true }])
    expect(err).toContain(`Task ${end(a)} "a": It is in the trash.`)
  })

  test('an unknown id among several changes nothing', async () => {
    await using user = await account()
    const task = await user.client.tasks.create.mutate({ title: 'a' })
    const head = await user.head()
    expect((await user.call('done', task.id, UNKNOWN_ID)).code).toBe(EXIT.notFound)
    expect(await user.head()).toBe(head)
  })
})

describe('edit', () => {
  test('changes the named fields only', async () => {
    await using user = await account()
    const task = await user.client.tasks.create.mutate({
      title: 'a',
      description: 'about a',
      tags: ['one', 'Two'],
      due: { date: '2027-01-01' },
      priority: 'low',
    })
    const edit = async (...args: string[]) => await user.json<NamedTask>('edit', end(task), ...args)

    expect(await edit('--title', 'b')).toMatchObject({ title: 'b', description: 'about a', tags: ['one', 'Two'] })
    expect(await edit('--add-tag', 'three', '--remove-tag', 'TWO')).toMatchObject({ tags: ['one', 'three'] })
    expect(await edit('--tag', 'x', '--tag', 'y')).toMatchObject({ tags: ['x', 'y'] })
    expect(await edit('--clear-tags', '--clear-due', '--clear-description')).toMatchObject({
      tags: [],
      due: null,
      description: null,
    })
    expect(await edit('--priority', 'urgent', '--complete', '--due', '2027-02-03')).toMatchObject({
      priority: 'urgent',
      complete: true,
      due: { date: '2027-02-03' },
    })
    expect(await edit('--open', '--description', 'again')).toMatchObject({ complete: false, description: 'again' })
    expect((await user.call('edit', end(task), '--title', 'c')).out).toBe(`Changed ${end(task)} c\n`)
    expect((await user.call('edit', end(task), '--title', 'c')).out).toBe(`Unchanged: ${end(task)} c\n`)
  })

  test('moves a task to the end of another list, and keeps its position if the list is the same', async () => {
    await using user = await account()
    const [a] = [
      await user.client.tasks.create.mutate({ title: 'a' }),
      await user.client.tasks.create.mutate({ title: 'b' }),
    ]
    expect(await user.json<NamedTask>('edit', a.id, '--list', 'inbox')).toEqual({ ...a, listName: null })
    expect((await user.call('edit', a.id, '--list', 'Attic')).code).toBe(EXIT.notFound)
    expect(await user.json<NamedTask>('edit', a.id, '--list', 'Attic', '--create-list', '--title', 'c')).toMatchObject({
      listName: 'Attic',
      title: 'c',
    })
    expect(await user.json<NamedTask>('edit', a.id, '--list', 'inbox')).toMatchObject({ listName: null })
  })

  test('reports what took effect when a later step fails, and completes it when run again', async () => {
    await using user = await account()
    await using proxy = await startCuttingProxy(service.url, (url) => url.includes('tasks.move'))
    const task = await user.client.tasks.create.mutate({ title: 'a' })
    const cut = user.with({ env: { TASKWIRE_URL: proxy.url } })
    const args = ['edit', task.id, '--title', 'b', '--list', 'Attic', '--create-list']
    const { code, out, err } = await cut(...args)
    expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
    expect(err).toMatch(
      new RegExp(
        `^Task ${end(task)} "a": only part of this was done \\(created list "Attic", changed the task\\): Cannot reach Taskwire`,
        'u',
      ),
    )
    expect(await user.json<NamedTask>('show', task.id)).toMatchObject({ title: 'b', listName: null })
    expect(await user.json<NamedTask>(...args)).toMatchObject({ title: 'b', listName: 'Attic' })
    const tooLong = await user.call('edit', task.id, '--title', 'x'.repeat(201), '--list', 'Shed', '--create-list')
    expect(tooLong.err).toContain('only part of this was done (created list "Shed"): The service refused it: ')
  })

  test('is wrong usage without a change', async () => {
    await using user = await account()
    const { id } = await user.client.tasks.create.mutate({ title: 'a' })
    for (const args of [[], ['--create-list'], ['--time-zone', 'UTC']])
      expect((await user.call('edit', id, ...args)).code).toBe(EXIT.usage)
  })
})
