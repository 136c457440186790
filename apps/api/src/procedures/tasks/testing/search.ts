import type { Task, TaskSort } from '@taskwire/contract'
import { expect } from 'vitest'
import { newCaller } from '../../../testing/caller.ts'
import type { TestService } from '../../../testing/service.ts'

/** Creates tasks from texts `title | description`. Returns a function that returns the texts that a search finds. */
export async function createSearch(
  service: TestService,
  texts: readonly string[],
): Promise<(search: string) => Promise<string[]>> {
  const { client } = await newCaller(service)
  const tasks = texts.map((text) => {
    const [title = '', description] = text.split(' | ')
    return { title, description }
  })
  await client.tasks.createMany.mutate({ tasks })
  return async (search) => {
    const by = async (sort: TaskSort['by']): Promise<Task[]> =>
      (await client.tasks.list.query({ filter: { search }, sort: { by: sort, direction: 'asc' }, limit: 100 })).items
    const items = await by('position')
    // For an order that an index has, the service sends another statement, which must find the same tasks.
    expect(new Set((await by('createdAt')).map(({ id }) => id))).toEqual(new Set(items.map(({ id }) => id)))
    return items.map(({ title, description }) => (description === null ? title : `${title} | ${description}`))
  }
}
