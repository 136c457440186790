import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import type { NamedTask } from '@taskwire/importers'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const end = ({ id }: { id: string }): string => id.slice(-8)
const titles = (tasks: readonly Task[]): string[] => tasks.map(({ title }) => title)

describe('add', () => {
  test('adds a task to the inbox and prints its short id', async () => {
    await using user = await account()
    const { code, out, err } = await user.call('add', 'Buy', 'milk')
    const [task] = await user.json<Task[]>('list')
    expect({ code, out, err }).toEqual({ code: 0, out: `Added ${task?.id.slice(-8)} Buy milk\n`, err: '' })
    expect(task).toMatchObject({ title: 'Buy milk', listId: null, listName: null, complete: false, priority: 'none' })
  })

  test('sets every field', async () => {
    await using user = await account()
    await user.client.me.update.mutate({ timeZone: 'Asia/Tokyo' })
    const args = [
      '--list',
      'Garden',
      '--create-list',
      '--description',
      'two\ncoats',
      '--priority',
      'high',
      '--tag',
      'a',
    ]
    const more = ['--tag', 'b c', '--due', 'tomorrow 09:30', '--complete', '--json']
    const { out } = await user.with({ now: '2026-11-22T23:30:00Z' })('add', 'Paint the fence', ...args, ...more)
    expect(JSON.parse(out)).toMatchObject({
      title: 'Paint the fence',
      description: 'two\ncoats',
      listName: 'Garden',
      priority: 'high',
      tags: ['a', 'b c'],
      due: { date: '2026-11-24', time: '09:30', timeZone: 'Asia/Tokyo' },
      complete: true,
    })
  })

  test('an all-day date needs no zone, and --time-zone wins over the account’s', async () => {
    await using user = await account()
    expect(await user.json<Task>('add', 'a', '--due', '2027-01-02')).toMatchObject({ due: { date: '2027-01-02' } })
    expect(
      await user.json<Task>('add', 'b', '--due', '2027-01-02 03:04', '--time-zone', 'Europe/Berlin'),
    ).toMatchObject({ due: { date: '2027-01-02', time: '03:04', timeZone: 'Europe/Berlin' } })
  })

  test('a list is found in any case; a missing one is an error that names the existing lists', async () => {
    await using user = await account()
    await user.call('add', 'a', '--list', 'Garden', '--create-list')
    expect(await user.json<NamedTask>('add', 'b', '--list', 'GARDEN')).toMatchObject({ listName: 'Garden' })
    const head = await user.head()
    expect(await user.call('add', 'c', '--list', 'Attic')).toEqual({
      code: EXIT.notFound,
      out: '',
      err: 'There is no list "Attic", only inbox, "Garden". Add --create-list to create it.\n',
    })
    expect(await user.head()).toBe(head)
    expect(await user.json<NamedTask>('add', 'd', '--list', 'inbox')).toMatchObject({ listName: null })
  })

  test('reports that the list was created when the task is refused', async () => {
    await using user = await account()
    const { code, err } = await user.call('add', 'x'.repeat(201), '--list', 'Attic', '--create-list')
    expect(code).toBe(EXIT.failed)
    expect(err).toMatch(
      /^Task "x+…": only part of this was done \(created list "Attic"\): The service refused it: title/u,
    )
  })

  test('a refusal names the task and gives the service’s reason', async () => {
    await using user = await account()
    const { code, out, err } = await user.call('add', 'x'.repeat(201))
    expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
    expect(err).toMatch(/^Task "x+…": The service refused it: title is longer than 200 characters; shorten it\.\n$/u)
  })
})

describe('list and search', () => {
  test('filters', async () => {
    await using user = await account()
    const { client } = user
    const { id: listId } = await client.lists.create.mutate({ name: 'Garden' })
    const day = (date: string) => ({ due: { date } })
    await client.tasks.createMany.mutate({
      tasks: [
        { title: 'milk', tags: ['shop', 'home'], ...day('2026-11-20') },
        { title: 'bread', tags: ['shop'], priority: 'high', ...day('2026-11-25') },
        { title: 'fence', listId, priority: 'urgent', description: 'two coats' },
        { title: 'old', complete: true, tags: ['shop'] },
      ],
    })
    const trashed = await client.tasks.create.mutate({ title: 'thrown away' })
    await client.tasks.delete.mutate({ id: trashed.id })
    const list = async (...args: string[]) => titles(await user.json<Task[]>('list', ...args))

    expect(await list()).toEqual(['milk', 'bread', 'fence'])
    expect(await list('--all')).toEqual(['milk', 'bread', 'old', 'fence'])
    expect(await list('--done')).toEqual(['old'])
    expect(await list('--trash')).toEqual(['thrown away'])
    expect((await list('--all', '--trash')).toSorted()).toEqual(['bread', 'fence', 'milk', 'old', 'thrown away'])
    expect(await list('--list', 'garden')).toEqual(['fence'])
    expect(await list('--list', 'garden', '--list', 'inbox')).toEqual(['milk', 'bread', 'fence'])
    expect(await list('--tag', 'SHOP')).toEqual(['milk', 'bread'])
    expect(await list('--tag', 'shop', '--tag', 'home')).toEqual(['milk'])
    expect(await list('--priority', 'high', '--priority', 'urgent')).toEqual(['bread', 'fence'])
    expect(await list('--due-before', '2026-11-25')).toEqual(['milk'])
    expect(await list('--due-after', '2026-11-20', '--due-before', '2026-11-26')).toEqual(['bread'])
    expect(await list('--search', 'coat')).toEqual(['fence'])
    expect(titles(await user.json<Task[]>('search', 'o'))).toEqual(['old'])
    expect(titles(await user.json<Task[]>('search', 'o', '--open'))).toEqual([])
    expect(titles(await user.json<Task[]>('search', 'away', '--trash'))).toEqual(['thrown away'])
  })

  test('--overdue uses the account’s time zone, or the zone of --time-zone', async () => {
    await using user = await account()
    // The two zones are 26 hours apart: a day that has more than an hour left in one is over in the other.
    await user.client.me.update.mutate({ timeZone: 'Etc/GMT+12' })
    const today = new Date(Date.now() - 11 * 3_600_000).toISOString().slice(0, 10)
    await user.client.tasks.create.mutate({ title: 'long ago', due: { date: '2020-01-01' } })
    await user.client.tasks.create.mutate({ title: 'today', due: { date: today } })
    expect(titles(await user.json<Task[]>('list', '--overdue'))).toEqual(['long ago'])
    const there = await user.json<Task[]>('list', '--overdue', '--time-zone', 'Pacific/Kiritimati')
    expect(titles(there)).toEqual(['long ago', 'today'])
  })

  test('sorts by place by default, and limits the number of tasks', async () => {
    await using user = await account()
    const { client } = user
    const { id: listId } = await client.lists.create.mutate({ name: 'A list' })
    await client.tasks.create.mutate({ title: 'b', listId, due: { date: '2026-01-03' }, priority: 'low' })
    await client.tasks.create.mutate({ title: 'c', due: { date: '2026-01-02' }, priority: 'urgent' })
    const a = await client.tasks.create.mutate({ title: 'a', due: { date: '2026-01-01' }, priority: 'high' })
    await client.tasks.move.mutate({ id: a.id, after: null })
    const list = async (...args: string[]) => titles(await user.json<Task[]>('list', ...args)).join('')

    expect(await list()).toBe('acb')
    expect(await list('--reverse')).toBe('bca')
    expect(await list('--sort', 'title')).toBe('abc')
    expect(await list('--sort', 'title', '--reverse')).toBe('cba')
    expect(await list('--sort', 'due')).toBe('acb')
    expect(await list('--sort', 'priority')).toBe('cab')
    expect(await list('--sort', 'created')).toBe('acb')
    expect(await list('--sort', 'createdAt', '--reverse')).toBe('bca')
    expect(await list('--sort', 'title', '--limit', '2')).toBe('ab')
    expect(await list('--limit', '1')).toBe('a')
    const { err } = await user.call('list', '--limit', '2')
    expect(err).toContain('There are more tasks than these 2')
    expect((await user.call('list', '--limit', '3')).err).toBe('')
  })

  test('list --all --json is one array of all tasks, across pages', async () => {
    await using user = await account()
    const tasks = Array.from({ length: 250 }, (_, index) => ({ title: `task ${index}`, complete: index % 2 === 0 }))
    await user.client.tasks.createMany.mutate({ tasks })
    const all = await user.json<NamedTask[]>('list', '--all')
    expect(titles(all)).toEqual(tasks.map(({ title }) => title))
    const { items } = await user.client.tasks.list.query({ filter: { search: 'task 249' } })
    expect(all.at(-1)).toEqual({ ...items[0], listName: null })
  })

  test('prints a table, with colours only on a terminal', async () => {
    await using user = await account()
    const task = await user.client.tasks.create.mutate({
      title: '日本語のタイトル',
      priority: 'urgent',
      tags: ['a', 'b'],
    })
    expect((await user.call('list')).out).toBe(
      [
        'ID        PRIORITY  TITLE             LIST  DUE  TAGS',
        `${end(task)}  urgent    日本語のタイトル             a, b`,
        '',
      ].join('\n'),
    )
    const { out } = await user.with({ columns: 80 })('list')
    expect(out).toContain('\u001b[')
    expect(out.replace(/\u001b\[\d+m/gu, '')).toBe(
      ['ID        PRIORITY  TITLE             TAGS', `${end(task)}  urgent    日本語のタイトル  a, b`, ''].join('\n'),
    )
    expect((await user.with({ columns: 80 })('list', '--no-color')).out).not.toContain('\u001b')
  })

  test('an empty result succeeds with a message on standard error', async () => {
    await using user = await account()
    expect(await user.call('list')).toEqual({
      code: 0,
      out: '',
      err: 'No open tasks. Add one: taskwire add "Buy milk"\n',
    })
    expect((await user.call('list', '--json')).out).toBe('[]\n')
    expect((await user.call('search', 'milk')).err).toBe('No task has the words "milk".\n')
    expect((await user.call('list', '--tag', 'x')).err).toBe('No tasks match.\n')
    expect((await user.call('list', '--trash')).err).toBe('Nothing in the trash.\n')
  })
})
