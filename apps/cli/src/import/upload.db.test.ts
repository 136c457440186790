import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { startTestService } from '@taskwire/api/testing'
import { createNote, type TaskDraft, type Uploader } from '@taskwire/importers'
import { afterAll, expect, test } from 'vitest'
import { createContext } from '../context.ts'
import { openAccount, type TestAccount } from '../testing/account.ts'
import { createSink } from '../testing/terminal.ts'
import { createAccountUploader } from './upload.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function uploaderOf({ env, home }: TestAccount): Promise<Uploader> {
  const [out, err] = [createSink().output, createSink().output]
  return createAccountUploader(
    await createContext(
      { env, cwd: home, stdin: Readable.from([]), out, err, now: () => new Date(), timeZone: 'UTC' },
      {},
    ),
  )
}

function draft(fields: Partial<TaskDraft> = {}): TaskDraft {
  return {
    id: randomUUID(),
    title: 'a task',
    description: null,
    complete: false,
    priority: 'none',
    tags: [],
    due: null,
    list: null,
    source: { line: 7, label: '"a task"' },
    ...fields,
  }
}

test('a task that the service refuses is left out with the reason, and the others are imported', async () => {
  await using user = await openAccount(service)
  const uploader = await uploaderOf(user)
  const tasks = [
    draft({ title: 'one' }),
    draft({ title: 'x'.repeat(201) }),
    draft({ title: 'two' }),
    draft({ due: { date: '2027-01-01', time: '09:30', timeZone: 'Mars/Olympus' } }),
  ]
  expect(await uploader.upload('a file', tasks)).toEqual({
    imported: new Set([tasks[0]?.id, tasks[2]?.id]),
    existing: [],
    refused: [
      createNote('refused', { line: 7, label: '"a task"', detail: 'title is longer than 200 characters; shorten it' }),
      createNote('refused', {
        line: 7,
        label: '"a task"',
        detail: expect.stringMatching(/^due.timeZone is not a time zone/u) as string,
      }),
    ],
  })
  expect((await user.client.tasks.list.query()).items.map(({ title }) => title).toSorted()).toEqual(['one', 'two'])
})

test('tasks that another client created in the meantime are found when the service refuses their ids', async () => {
  await using user = await openAccount(service)
  const uploader = await uploaderOf(user)
  await uploader.upload('a file', [draft()])
  const [a, b, c] = [draft(), draft(), draft()]
  await user.client.tasks.create.mutate({ id: a.id, title: 'made elsewhere' })
  await user.client.tasks.create.mutate({ id: b.id, title: 'made and erased elsewhere' })
  await user.client.tasks.purge.mutate({ id: b.id })
  expect(await uploader.upload('a file', [a, b, c])).toMatchObject({
    imported: new Set([c.id]),
    existing: [{ task: a, state: 'same' }],
    refused: [{ line: 7 }],
  })
})

test('tasks with the longest possible texts fit into calls', async () => {
  await using user = await openAccount(service)
  const uploader = await uploaderOf(user)
  // Each of these characters is six bytes of JSON.
  const tasks = Array.from({ length: 600 }, () =>
    draft({ description: '\u0001'.repeat(1000), title: '𝔵'.repeat(200), tags: ['𝔵'.repeat(50)] }),
  )
  const { imported, ...rest } = await uploader.upload('a file', tasks)
  expect({ imported: imported.size, ...rest }).toEqual({ imported: 600, existing: [], refused: [] })
})

test('a file without tasks sends nothing to the service', async () => {
  await using user = await openAccount(service)
  const uploader = await uploaderOf({ ...user, env: { TASKWIRE_URL: 'http://127.0.0.1:9', TASKWIRE_TOKEN: 'x' } })
  expect(await uploader.upload('a file', [])).toEqual({ imported: new Set(), existing: [], refused: [] })
})
