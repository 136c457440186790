import { deepStrictEqual } from 'node:assert/strict'
import { createClient } from '../../../packages/client/src/client.ts'
import type { Call } from '../load/http.ts'
import type { Pick } from '../load/picks.ts'

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: unknown
}

/** Throws unless the generator's request is what the real client would have sent. */
export async function compareWithClient(pick: Pick, call: Call, cursor: string | undefined): Promise<void> {
  let sent: Sent | undefined
  const client = createClient({
    url: 'http://127.0.0.1',
    ...(pick.work === 'handling' ? {} : { token: pick.user.token }),
    retry: { tries: 1 },
    async fetch(input, init) {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input)
      const headers = Object.fromEntries(new Headers(init?.headers))
      sent = { method: init?.method ?? '', path: pathname + search, headers, body: parse(init?.body) }
      const entries = pick.work === 'batch' ? pick.ids.length : 1
      return Response.json(Array.from({ length: entries }, () => ({ result: { data: {} } })))
    },
  })
  await askClient(client, pick, cursor)
  const { method, path, headers, body } = call
  const own: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  for (const line of headers.split('\r\n').filter((line) => line !== '')) {
    const at = line.indexOf(': ')
    own[line.slice(0, at)] = line.slice(at + 2)
  }
  deepStrictEqual(
    { method, path, headers: own, body: parse(body) },
    sent,
    `The generator does not send ${pick.work} as the client does: mend subjects/taskwire/calls.ts`,
  )
}

const parse = (body: unknown): unknown => (typeof body === 'string' ? JSON.parse(body) : undefined)

async function askClient(
  client: ReturnType<typeof createClient>,
  pick: Pick,
  cursor: string | undefined,
): Promise<void> {
  switch (pick.work) {
    case 'get':
      return void (await client.tasks.get.query({ id: pick.id }))
    case 'list':
      return void (await client.tasks.list.query())
    case 'page':
      return void (await client.tasks.list.query({ cursor }))
    case 'search':
      return void (await client.tasks.list.query({ filter: { search: pick.words.join(' ') } }))
    case 'create':
      return void (await client.tasks.create.mutate({ ...pick.draft, mutationId: pick.mutationId }))
    case 'update': {
      const { id, changes, mutationId } = pick
      return void (await client.tasks.update.mutate({ id, changes, mutationId }))
    }
    case 'batch':
      return void (await Promise.all(pick.ids.map(async (id) => await client.tasks.get.query({ id }))))
    case 'handling':
      return void (await client.system.health.query())
  }
}
