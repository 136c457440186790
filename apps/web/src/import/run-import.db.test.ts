import { randomUUID } from 'node:crypto'
import { startTestService } from '@taskwire/api/testing'
import { type Client, createClient, type Fetch } from '@taskwire/client'
import type { TaskDraft } from '@taskwire/importers'
import { afterAll, expect, test } from 'vitest'
import { runImport, type TaskFile } from './run-import.ts'
import { undoImport } from './undo-import.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function signUp(fetch?: Fetch): Promise<Client> {
  const { token } = await service.signUp()
  return createClient({ url: service.url, token, fetch, retry: { attempts: 1 } })
}

function draft(title: string, list: string | null = null): TaskDraft {
  return {
    id: randomUUID(),
    title,
    description: null,
    complete: false,
    priority: 'none',
    tags: [],
    due: null,
    list,
    source: { label: title },
  }
}

const fileOf = (...tasks: TaskDraft[]): TaskFile => ({ name: 'todo.txt', tasks })
const knownStates = () => new Map()

async function titlesOf(client: Client, trash: 'without' | 'only' = 'without'): Promise<string[]> {
  const { items } = await client.tasks.list.query({ filter: { trash } })
  return items.map(({ title }) => title).toSorted()
}

test('an import that is repeated creates nothing twice, even if this device does not know of the first', async () => {
  const client = await signUp()
  const file = fileOf(draft('a'), draft('b', 'Garden'))
  const progress: number[] = []
  const first = await runImport({ client, knownStates }, [file], (done) => progress.push(done))
  expect(first).toMatchObject({ tasks: file.tasks.map(({ id }) => id), refused: [], error: undefined })
  expect(first.lists).toHaveLength(1)
  expect(progress.at(-1)).toBe(2)
  const second = await runImport({ client, knownStates }, [file], () => {})
  expect(second).toEqual({ tasks: [], lists: [], refused: [], error: undefined })
  expect(await titlesOf(client)).toEqual(['a', 'b'])
})

test('of tasks that were erased, no list is left behind', async () => {
  const client = await signUp()
  const file = fileOf(draft('a', 'Garden'))
  const first = await runImport({ client, knownStates }, [file], () => {})
  await client.tasks.purge.mutate({ id: first.tasks[0] ?? '' })
  await undoImport(client, first)
  const second = await runImport({ client, knownStates }, [file], () => {})
  expect(second).toMatchObject({ tasks: [], lists: [], refused: [{}], error: undefined })
  expect((await client.lists.list.query({})).items).toEqual([])
})

test('an import that the network interrupts says what it has created, and goes on when it is repeated', async () => {
  let calls = 0
  const client = await signUp(async (url, init) => {
    if (new Request(url).url.includes('createMany') && ++calls === 2) throw new TypeError('fetch failed')
    return await fetch(url, init)
  })
  const file = fileOf(...Array.from({ length: 600 }, (_, index) => draft(`task ${index}`)))
  const first = await runImport({ client, knownStates }, [file], () => {})
  expect(first.tasks).toHaveLength(500)
  expect(first.error).toMatchObject({ appCode: 'NETWORK' })
  const second = await runImport({ client, knownStates }, [file], () => {})
  expect(second).toMatchObject({ error: undefined, tasks: { length: 100 } })
  expect(await client.tasks.count.query({})).toMatchObject({ total: 600 })
})

test('undoing an import leaves what others have added, and can be repeated', async () => {
  const client = await signUp()
  const [a, b] = [draft('a', 'Garden'), draft('b', 'Garden')]
  const result = await runImport({ client, knownStates }, [fileOf(a, b)], () => {})
  const [listId = ''] = result.lists
  await client.tasks.create.mutate({ title: 'added', listId })
  await client.tasks.purge.mutate({ id: a.id })
  await undoImport(client, result)
  await undoImport(client, result)
  expect(await titlesOf(client)).toEqual(['added'])
  expect(await titlesOf(client, 'only')).toEqual(['b'])
  expect((await client.lists.list.query({})).items).toEqual([])
})
