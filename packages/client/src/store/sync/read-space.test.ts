import { expect, test } from 'vitest'
import type { Client } from '../../client.ts'
import { clientError } from '../../errors.ts'
import { taskOf } from '../../testing/task-of.ts'
import { readSpace } from './read-space.ts'

const task = taskOf({ id: 'a task' })
const list = { id: 'a list', name: 'Home', position: '80', revision: 1, createdAt: '', updatedAt: '' }
const { signal } = new AbortController()

/** A client whose `me` is this account. Each page has one row. Returns the procedures that were called, too. */
function fakeClient(me: string, refused?: Error): { client: Client; called: string[] } {
  const called: string[] = []
  const exported = { account: { id: me }, lists: [], tasks: [], changes: [], keys: [], nextCursor: 'next' }
  const pages = [
    { ...exported, lists: [list], revision: 7 },
    { ...exported, tasks: [task], revision: 8 },
    { ...exported, changes: [{}], revision: 9 },
  ]
  const query = (procedure: string, reply: () => unknown): { query(): Promise<unknown> } => ({
    async query() {
      called.push(procedure)
      return await Promise.resolve(reply())
    },
  })
  const exportPage = (): unknown => {
    if (refused !== undefined) throw refused
    return pages.shift()
  }
  const client = {
    space: 'ada',
    me: { export: query('me.export', exportPage) },
    lists: { list: query('lists.list', () => ({ items: [list], nextCursor: null, revision: 5 })) },
    tasks: { list: query('tasks.list', () => ({ items: [task], nextCursor: null, revision: 6 })) },
  }
  // It has what is called.
  return { client: client as unknown as Client, called }
}

test('a personal space is read by me.export, up to its Changes', async () => {
  const { client, called } = fakeClient('ada')
  const { rows, after } = await readSpace({ client, account: 'ada', signal })
  expect([[...rows.list.values()], [...rows.task.values()], after]).toEqual([[list], [task], 7])
  expect(called).toEqual(['me.export', 'me.export', 'me.export'])
})

test.each([
  ['the space is another one', 'bob', fakeClient('bob')],
  ['the key may not export', 'ada', fakeClient('ada', clientError('FORBIDDEN', 'x'))],
  ['the caller is another account', 'ada', fakeClient('bob')],
])('if %s, the rows are listed', async (_case, account, { client, called }) => {
  const { rows, after } = await readSpace({ client, account, signal })
  expect([[...rows.list.values()], [...rows.task.values()], after]).toEqual([[list], [task], 5])
  expect(called.slice(-2)).toEqual(['lists.list', 'tasks.list'])
})

test('any other error is thrown', async () => {
  const { client } = fakeClient('ada', clientError('UNAUTHENTICATED', 'x'))
  await expect(readSpace({ client, account: 'ada', signal })).rejects.toMatchObject({ appCode: 'UNAUTHENTICATED' })
})
