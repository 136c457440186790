import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import { afterAll, describe, expect, test } from 'vitest'
import { openAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)
const titles = (tasks: readonly Task[]): string[] => tasks.map(({ title }) => title)

test('lists and tags are shown with counts, the inbox first', async () => {
  await using user = await account()
  expect(await user.call('lists')).toEqual({
    code: 0,
    out: 'LIST   OPEN  DONE\ninbox     0     0\n',
    err: 'There are no lists yet. Create one: taskwire add "Buy milk" --list Shopping --create-list\n',
  })
  expect((await user.call('tags')).err).toContain('No tags.')
  await user.call('add', 'a', '--list', 'Garden', '--create-list', '--tag', 'weekend')
  await user.call('add', 'b', '--list', 'Garden', '--complete', '--tag', 'weekend')
  await user.call('add', 'c', '--list', 'Attic', '--create-list', '--tag', 'dust')
  await user.call('add', 'd')
  expect(await user.call('lists')).toEqual({
    code: 0,
    out: 'LIST    OPEN  DONE\ninbox      1     0\nGarden     1     1\nAttic      1     0\n',
    err: '',
  })
  expect((await user.call('tags')).out).toBe('TAG      TASKS\ndust         1\nweekend      2\n')
  expect(await user.json('lists')).toMatchObject([
    { id: null, name: 'inbox', open: 1, complete: 0 },
    { name: 'Garden', open: 1, complete: 1 },
    { name: 'Attic', open: 1, complete: 0 },
  ])
  expect(await user.json('tags')).toEqual([
    { tag: 'dust', count: 1 },
    { tag: 'weekend', count: 2 },
  ])
})

describe('the name inbox', () => {
  test('never creates a list', async () => {
    await using user = await account()
    await user.call('add', 'a')
    await user.call('add', 'b', '--list', 'Inbox', '--create-list')
    const c = await user.json<Task>('add', 'c', '--list', 'Garden', '--create-list')
    await user.call('edit', c.id, '--list', ' INBOX ', '--create-list')
    expect((await user.client.lists.list.query()).items.map(({ name }) => name)).toEqual(['Garden'])
    expect(titles(await user.json('list', '--list', 'inbox'))).toEqual(['a', 'b', 'c'])
  })

  test('in a file means the inbox', async () => {
    await using user = await account()
    const todoist =
      'TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\ntask,from todoist,4,1,,,,,\n'
    await writeFile(join(user.home, 'todo.txt'), 'one +Inbox\ntwo +INBOX\nthree +Garden\nfour\n')
    await writeFile(join(user.home, 'Inbox.csv'), todoist)
    await user.call('import', 'todo.txt', 'Inbox.csv')
    expect((await user.client.lists.list.query()).items.map(({ name }) => name)).toEqual(['Garden'])
    const inbox = await user.json<Task[]>('list', '--list', 'inbox')
    expect(titles(inbox)).toEqual(['one', 'two', 'four', 'from todoist'])
    expect((await user.call('lists')).out).toContain('inbox      4     0\n')
  })

  test('means the inbox even if a list has that name; the list is named by its id', async () => {
    await using user = await account()
    const { id } = await user.client.lists.create.mutate({ name: 'Inbox' })
    await user.client.tasks.create.mutate({ title: 'in the list', listId: id })
    await user.call('add', 'in the inbox', '--list', 'Inbox')
    expect(titles(await user.json('list', '--list', 'Inbox'))).toEqual(['in the inbox'])
    expect(titles(await user.json('list', '--list', id))).toEqual(['in the list'])
    const { out, err } = await user.call('lists')
    expect(out).toBe('LIST   OPEN  DONE\ninbox     1     0\nInbox     1     0\n')
    expect(err).toBe(`The name "Inbox" always means the inbox. For the list of that name use --list ${id}\n`)
  })
})
