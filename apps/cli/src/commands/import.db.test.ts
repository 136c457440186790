import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import type { NamedTask } from '@taskwire/importers'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount, type TestAccount } from '../testing/account.ts'
import { startCuttingProxy } from '../testing/cutting-proxy.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const write = async (user: TestAccount, file: string, content: string | Uint8Array): Promise<void> =>
  await writeFile(join(user.home, file), content)
const titles = (tasks: readonly Task[]): string[] => tasks.map(({ title }) => title)
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `task ${index} +p${index % 3}`).join('\n')

describe('a file', () => {
  test('becomes tasks in its order, in new or existing lists', async () => {
    await using user = await account()
    await user.call('add', 'first', '--list', 'GARDEN', '--create-list')
    await write(user, 'todo.txt', '(A) fence +Garden @weekend due:2027-01-02\nx milk +Shop\n(B) oats +shop\nplain\n')
    expect(await user.call('import', 'todo.txt')).toMatchObject({
      code: 0,
      out: 'todo.txt (todotxt): 4 imported, 0 already there\n',
    })
    const all = await user.json<NamedTask[]>('list', '--all')
    expect(all.map(({ listName, title }) => `${listName}: ${title}`)).toEqual([
      'null: plain',
      'GARDEN: first',
      'GARDEN: fence',
      'Shop: milk',
      'Shop: oats',
    ])
    expect(all[2]).toMatchObject({ tags: ['weekend'], due: { date: '2027-01-02' } })
    expect(all[3]).toMatchObject({ complete: true })
  })

  test('of Todoist goes into the list that the file is named after, and the output names it', async () => {
    await using user = await account()
    const header = 'TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\n'
    await write(user, 'Moving house [22033].csv', `${header}task,Pack,4,1,,,,,\n`)
    await write(user, 'Inbox.csv', `${header}task,Call,4,1,,,,,\n`)
    expect(await user.call('import', 'Moving house [22033].csv', 'Inbox.csv')).toMatchObject({
      code: 0,
      err: 'Moving house [22033].csv: its tasks are in the list "Moving house", named after the file\n',
    })
    expect(await user.json<NamedTask[]>('list', '--list', 'Moving house')).toMatchObject([{ title: 'Pack' }])
    expect((await user.call('import', 'Moving house [22033].csv')).err).toBe('')
  })

  test('that has grown adds what is new, and touches nothing else', async () => {
    await using user = await account()
    await write(user, 'todo.txt', 'one +List\ntwo +List\n')
    await user.call('import', 'todo.txt')
    const [one, two] = await user.json<Task[]>('list')
    await user.call('edit', `${one?.id}`, '--title', 'changed')
    await user.call('rm', `${two?.id}`)
    await write(user, 'todo.txt', 'one +List\ntwo +List\nthree +List\n')
    expect((await user.call('import', 'todo.txt')).out).toContain('1 imported, 2 already there (1 in the trash)\n')
    expect(titles(await user.json<Task[]>('list'))).toEqual(['changed', 'three'])
  })

  test('that has grown reports notes only on new tasks', async () => {
    await using user = await account()
    await write(user, 'todo.txt', 'one rec:+1w\ntwo\n')
    expect((await user.call('import', 'todo.txt')).err).toMatch(/^todo\.txt: 1 .*\(line 1\)\n$/u)
    expect((await user.call('import', 'todo.txt')).err).toBe('')
    await write(user, 'todo.txt', 'one rec:+1w\ntwo\nthree rec:+2w\n')
    expect((await user.call('import', 'todo.txt')).err).toMatch(/^todo\.txt: 1 .*\(line 3\)\n$/u)
  })

  test('does not bring deleted lists back', async () => {
    await using user = await account()
    await write(user, 'todo.txt', 'one +List\n')
    await user.call('import', 'todo.txt')
    const [list] = (await user.client.lists.list.query()).items
    await user.client.lists.delete.mutate({ id: `${list?.id}`, tasks: 'inbox' })
    const head = await user.head()
    await user.call('import', 'todo.txt')
    expect(await user.head()).toBe(head)
  })

  test('with tasks that were erased: they are reported and skipped', async () => {
    await using user = await account()
    await write(user, 'todo.txt', 'one\ntwo\nthree\n')
    await user.call('import', 'todo.txt')
    const [one, , three] = await user.json<Task[]>('list')
    await user.call('rm', '--purge', `${one?.id}`, `${three?.id}`)
    await write(user, 'todo.txt', 'one\ntwo\nthree\nfour\n')
    const { code, out, err } = await user.call('import', 'todo.txt')
    expect({ code, out }).toEqual({
      code: 0,
      out: 'todo.txt (todotxt): 1 imported, 1 already there, 2 left out, 2 notes\n',
    })
    expect(err).toBe(
      'todo.txt: 2 tasks were refused by the service: erased recently, so the id cannot be used again yet; to have the task back, add it by hand (lines 1 and 3)\n' +
        'For one line per note, run it again with --details: nothing is imported twice.\n',
    )
    expect((await user.call('import', '--details', 'todo.txt')).err).toMatch(
      /^todo\.txt:1: "one": task was refused by the service: erased .*\ntodo\.txt:3: "three": .*\n$/u,
    )
    expect(titles(await user.json<Task[]>('list'))).toEqual(['two', 'four'])
  })

  test('with more tasks than fit into a call is sent in several calls, and keeps its order', async () => {
    await using user = await account()
    await write(user, 'todo.txt', lines(1201))
    const { code, err } = await user.call('import', 'todo.txt')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const all = await user.json<NamedTask[]>('list', '--all')
    expect(titles(all.filter(({ listName }) => listName === 'p1'))).toEqual(
      Array.from({ length: 400 }, (_, index) => `task ${index * 3 + 1}`),
    )
    const { changes } = await user.json<{ changes: { entity: string; commit: number }[] }>(
      'log',
      '--after',
      '0',
      '--limit',
      '9999',
    )
    expect(new Set(changes.filter(({ entity }) => entity === 'task').map(({ commit }) => commit)).size).toBe(3)
  })

  test('whose upload is interrupted is reported as not fully imported, with how to continue', async () => {
    await using user = await account()
    let sent = 0
    await using proxy = await startCuttingProxy(service.url, (url) => url.includes('tasks.createMany') && ++sent > 1)
    await write(user, 'many.txt', lines(600))
    const { code, out, err } = await user.with({ env: { TASKWIRE_URL: proxy.url } })('import', 'many.txt')
    expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
    expect(err).toMatch(
      /^many\.txt: not all of it was imported \(import it again to go on\): Cannot reach Taskwire at /,
    )
    expect((await user.call('import', 'many.txt')).out).toBe('many.txt (todotxt): 100 imported, 500 already there\n')
  })

  test('shows a progress bar on a terminal', async () => {
    await using user = await account()
    await write(user, 'todo.txt', lines(1000))
    const { code, err } = await user.with({ columns: 80 })('import', 'todo.txt')
    expect(code).toBe(0)
    expect(err).toMatch(/todo\.txt \[=+-*\] 500 of 1000/u)
  })

  test('imported twice at the same time creates its tasks once', async () => {
    await using user = await account()
    await write(user, 'todo.txt', lines(300))
    const results = await Promise.all([user.call('import', 'todo.txt'), user.call('import', 'todo.txt')])
    expect(results.map(({ code, err }) => ({ code, err }))).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ])
    const counts = results.map(({ out }) => /(\d+) imported, (\d+) already/u.exec(out)?.slice(1).map(Number) ?? [])
    expect(counts.map(([imported = 0, existing = 0]) => imported + existing)).toEqual([300, 300])
    expect((counts[0]?.[0] ?? 0) + (counts[1]?.[0] ?? 0)).toBe(300)
    expect(await user.json<Task[]>('list')).toHaveLength(300)
    expect((await user.client.lists.list.query()).items).toHaveLength(3)
  })
})

describe('a task that is already there', () => {
  test('is counted by state: unchanged, completed since, in the trash, in an earlier file', async () => {
    await using user = await account()
    await mkdir(join(user.home, 'other'))
    await write(user, 'todo.txt', 'one\ntwo\nthree\nx four\n')
    await write(user, 'other/todo.txt', 'one\nfive\n')
    expect((await user.call('import', 'todo.txt', 'other/todo.txt')).out).toBe(
      'todo.txt (todotxt): 4 imported, 0 already there\n' +
        'other/todo.txt (todotxt): 1 imported, 1 already there (1 also in an earlier file)\n' +
        '2 files: 5 imported, 1 already there (1 also in an earlier file)\n',
    )
    const [, two, three] = await user.json<Task[]>('list')
    await user.call('done', `${two?.id}`)
    await user.call('rm', `${three?.id}`)
    await write(user, 'todo.txt', 'one\ntwo\nthree\nx four\nsix\n')
    const { files } = await user.json<{ files: unknown[] }>('import', 'todo.txt')
    expect(files).toMatchObject([
      {
        imported: 1,
        existing: {
          total: 4,
          same: 2,
          completed: 1,
          trash: 1,
          repeated: 0,
          tasks: [
            { id: two?.id, line: 2, label: '"two"', state: 'completed' },
            { id: three?.id, line: 3, label: '"three"', state: 'trash' },
          ],
        },
      },
    ])
    await write(user, 'todo.txt', 'one\ntwo\nthree\nx four\nsix\nseven\n')
    await write(user, 'other/todo.txt', 'seven\n')
    expect(await user.call('import', '--details', 'todo.txt', 'other/todo.txt')).toEqual({
      code: 0,
      out:
        'todo.txt (todotxt): 1 imported, 5 already there (1 completed since, 1 in the trash)\n' +
        'other/todo.txt (todotxt): 0 imported, 1 already there (1 also in an earlier file)\n' +
        '2 files: 1 imported, 6 already there (1 completed since, 1 in the trash, 1 also in an earlier file)\n',
      err:
        'todo.txt:2: "two": already there, completed since\n' +
        'todo.txt:3: "three": already there, in the trash\n' +
        'other/todo.txt:1: "seven": already imported from todo.txt\n',
    })
  })
})

test('a time without a zone is read in the zone of --time-zone, or else the account’s, or else this computer’s', async () => {
  await using user = await account()
  await user.call('account', '--time-zone', 'Asia/Tokyo')
  const { out } = await user.call('keys', 'create', 'importer', '--scope', 'tasks:write')
  const zones: unknown[] = []
  const importing = async (file: string, run: TestAccount['call'], ...options: string[]): Promise<string> => {
    await write(user, file, `BEGIN:VTODO\nUID:${file}\nSUMMARY:Call\nDUE:20270131T180000\nEND:VTODO\n`)
    const { code, err } = await run('import', file, ...options)
    expect(code).toBe(0)
    zones.push(
      ...(await user.json<Task[]>('list', '--sort', 'created', '--limit', '1')).map(({ due }) => due?.timeZone),
    )
    return err
  }
  await importing('a.ics', user.call)
  await importing('b.ics', user.call, '--time-zone', 'Europe/Berlin')
  const asKey = user.with({ env: { TASKWIRE_TOKEN: out.trim() }, timeZone: 'America/New_York' })
  expect(await importing('c.ics', asKey)).toContain('times without a zone are read in America/New_York')
  expect(zones).toEqual(['Asia/Tokyo', 'Europe/Berlin', 'America/New_York'])
})
