import { startTestService, until } from '@taskwire/api/testing'
import type { Change } from '@taskwire/client'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

interface Log {
  changes: Change[]
  head: number
  nextAfter: number
}
const changesOf = (out: string): string[] =>
  out
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ *(\d+)  \d{4}-\d\d-\d\d \d\d:\d\d  /u, '$1 '))

describe('log', () => {
  test('describes each change', async () => {
    await using user = await account()
    await user.call('add', 'Buy milk')
    await user.call('add', 'Paint', '--list', 'Garden', '--create-list')
    const { items } = await user.client.tasks.list.query({ sort: { by: 'createdAt', direction: 'asc' } })
    const [milk, paint] = items.map(({ id }) => id)
    await user.call('done', `${milk}`)
    await user.call('edit', `${milk}`, '--title', 'Buy oats', '--priority', 'high', '--list', 'garden')
    await user.call('rm', `${paint}`)
    const { code, out } = await user.call('log')
    expect(code).toBe(0)
    expect(changesOf(out)).toEqual([
      '1 you  added "Buy milk"',
      '2 you  added list "Garden"',
      '3 you  added "Paint" to "Garden"',
      '4 you  completed "Buy oats"',
      '5 you  changed "Buy oats": title "Buy milk" → "Buy oats", priority none → high',
      '6 you  moved "Buy oats" to "Garden"',
      '7 you  trashed "Paint"',
    ])
  })

  test('names the acting key, and shows erased tasks by id', async () => {
    await using user = await account()
    const { key, secret } = await user.client.keys.create.mutate({ name: 'bot', scopes: ['tasks:write'] })
    await user.with({ env: { TASKWIRE_TOKEN: secret } })('add', 'Buy milk')
    const [task] = (await user.client.tasks.list.query()).items
    await user.call('rm', '--purge', `${task?.id}`)
    const short = task?.id.slice(-8)
    expect(changesOf((await user.call('log')).out)).toEqual([
      `1 you           added key "bot"`,
      `2 key ${key.id.slice(-8)}  added ${short} (erased since)`,
      `3 you           erased ${short}`,
    ])
  })

  test('shows the last changes, or those after a revision, and names the command for more', async () => {
    await using user = await account()
    const tasks = Array.from({ length: 30 }, (_, index) => ({ title: `task ${index + 1}` }))
    await user.client.tasks.createMany.mutate({ tasks })
    const revisions = ({ changes }: Log): number[] => changes.map(({ revision }) => revision)
    expect(revisions(await user.json<Log>('log'))).toEqual(Array.from({ length: 20 }, (_, index) => index + 11))
    expect(revisions(await user.json<Log>('log', '--limit', '2'))).toEqual([29, 30])
    expect(await user.json<Log>('log', '--after', '28')).toMatchObject({ head: 30, nextAfter: 30 })
    expect(revisions(await user.json<Log>('log', '--after', '5', '--limit', '3'))).toEqual([6, 7, 8])
    expect((await user.call('log', '--after', '5', '--limit', '3')).err).toBe(
      'There are more, up to revision 30: taskwire log --after 8\n',
    )
    const beyond = await user.call('log', '--after', '31')
    expect(beyond).toMatchObject({ code: EXIT.failed, out: '' })
    expect(beyond.err).toBe(
      'Revision 31: The log no longer has this revision, or has not reached it yet. See the log: taskwire log\n',
    )
  })

  test('shows the changes of one task', async () => {
    await using user = await account()
    await user.call('add', 'Buy milk')
    await user.call('add', 'Paint')
    const { items } = await user.client.tasks.list.query({ sort: { by: 'createdAt', direction: 'asc' } })
    const id = `${items[0]?.id}`
    await user.call('done', id)
    await user.call('edit', id, '--title', 'Buy oats')
    const lines = [
      '1 you  added "Buy milk"',
      '3 you  completed "Buy oats"',
      '4 you  changed "Buy oats": title "Buy milk" → "Buy oats"',
    ]
    for (const name of [id, id.slice(-8)])
      expect(await user.call('log', '--task', name).then(({ out, err }) => [changesOf(out), err])).toEqual([lines, ''])
    expect(changesOf((await user.call('log', '--task', id, '--limit', '2')).out)).toEqual(lines.slice(1))
    expect((await user.call('log', '--task', id, '--after', '0', '--limit', '2')).err).toBe(
      `There are more, up to revision 4: taskwire log --task ${id} --after 3\n`,
    )
    expect(await user.json<Log>('log', '--task', id, '--after', '3')).toMatchObject({
      changes: [{ revision: 4 }],
      head: 4,
      nextAfter: 4,
    })
    await user.call('rm', '--purge', id)
    expect(changesOf((await user.call('log', '--task', id)).out)).toHaveLength(4)
  })

  test('a task without changes is told from an unknown one only by a part of its id', async () => {
    await using user = await account()
    const unknown = '01998d3e-7c1a-7000-8000-000000000001'
    expect(await user.call('log', '--task', unknown)).toEqual({
      code: 0,
      out: '',
      err: 'The log holds no changes of this task.\n',
    })
    expect((await user.call('log', '--task', '00000001')).code).toBe(EXIT.notFound)
    expect((await user.call('log', '--task', unknown, '--follow')).code).toBe(EXIT.usage)
  })

  test('reads all pages of a long log', async () => {
    await using user = await account()
    for (const part of ['a', 'b', 'c'])
      await user.client.tasks.createMany.mutate({ tasks: Array.from({ length: 400 }, () => ({ title: part })) })
    const { changes } = await user.json<Log>('log', '--after', '0', '--limit', '5000')
    expect(changes.map(({ revision }) => revision)).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1))
  })

  test('is empty for a new account', async () => {
    await using user = await account()
    expect(await user.call('log')).toEqual({ code: 0, out: '', err: 'The log holds no changes.\n' })
    expect(await user.json<Log>('log')).toEqual({ changes: [], head: 0, nextAfter: 0 })
  })
})

describe('undo', () => {
  test('reverts a whole commit, and can be undone', async () => {
    await using user = await account()
    const { tasks } = await user.client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
    expect(await user.call('undo', '1')).toEqual({
      code: 0,
      out: 'Undid 2 changes. The latest revision is now 4.\n',
      err: '',
    })
    expect(await user.client.tasks.count.query({})).toMatchObject({ total: 0 })
    expect(await user.json('undo', '4')).toEqual({ revision: 6, affected: 2 })
    expect(await user.client.tasks.count.query({})).toMatchObject({ total: tasks.length })
  })

  test('a later change is a conflict', async () => {
    await using user = await account()
    const { id } = await user.client.tasks.create.mutate({ title: 'a' })
    await user.client.tasks.update.mutate({ id, changes: { title: 'b' } })
    await user.client.tasks.update.mutate({ id, changes: { title: 'c' } })
    expect(await user.call('undo', '2')).toEqual({
      code: EXIT.conflict,
      out: '',
      err: 'Revision 2: what it changed has been changed since, so nothing was undone. Undo the later changes first; see them with: taskwire log\n',
    })
    await user.client.tasks.purge.mutate({ id })
    expect((await user.call('undo', '2')).code).toBe(EXIT.conflict)
  })

  test('an unknown revision is not found', async () => {
    await using user = await account()
    expect(await user.call('undo', '7')).toEqual({
      code: EXIT.notFound,
      out: '',
      err: 'There is no revision 7, or it is no longer kept. See the revisions: taskwire log\n',
    })
  })
})

describe('log --follow', () => {
  test('prints past changes, then new ones, and ends when its key is revoked', async () => {
    await using user = await account()
    const { key, secret } = await user.client.keys.create.mutate({ name: 'watcher', scopes: ['tasks:read'] })
    await user.call('add', 'Buy milk')
    await user.call('add', 'Paint')
    const env = { TASKWIRE_TOKEN: secret }
    const seen = { words: '', lines: '' }
    const words = user.with({ env, onOut: (text) => void (seen.words += text) })('log', '--follow', '--limit', '1')
    const lines = user.with({ env, onOut: (text) => void (seen.lines += text) })('log', '-f', '--after', '0', '--json')
    // Waits for the output: after the service has sent the change, a follower may still be reading a title.
    const bothShow = async (expected: string): Promise<void> =>
      await until(async () => Object.values(seen).every((text) => text.includes(expected)))
    await bothShow('Paint')
    await user.call('add', 'Sweep')
    await bothShow('Sweep')
    await user.client.keys.revoke.mutate({ id: key.id })
    const [shown, json] = [await words, await lines]
    expect([shown.code, json.code]).toEqual([EXIT.notSignedIn, EXIT.notSignedIn])
    expect(shown.out.split('\n')[0]).toMatch(/^REVISION +WHEN +WHO +WHAT$/)
    expect(changesOf(shown.out)).toEqual([
      expect.stringMatching(/^3 you +added "Paint"$/),
      expect.stringMatching(/^4 you +added "Sweep"$/),
    ])
    const changes = json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Change)
    expect(changes.map(({ revision, action }) => [revision, action])).toEqual([
      [1, 'create'],
      [2, 'create'],
      [3, 'create'],
      [4, 'create'],
    ])
  })

  test('an unknown revision is an error that names it', async () => {
    await using user = await account()
    const { code, err } = await user.call('log', '--follow', '--after', '7')
    expect(code).not.toBe(EXIT.ok)
    expect(err).toContain('Revision 7')
  })
})
