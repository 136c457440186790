import { deepStrictEqual } from 'node:assert/strict'
import { createClient } from '../../../packages/client/src/client.ts'
import type { Call } from '../load/http.ts'
import type { CallSpec } from '../load/call-specs.ts'

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: unknown
}

/** Throws unless the generator's request equals that of the client package. */
export async function compareWithClient(spec: CallSpec, call: Call, cursor: string | undefined): Promise<void> {
  let sent: Sent | undefined
  const client = createClient({
    url: 'http://127.0.0.1',
    ...(spec.work === 'handling' ? {} : { token: spec.user.token }),
    retry: { attempts: 1 },
    async fetch(input, init) {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input)
      const headers = Object.fromEntries(new Headers(init?.headers))
      sent = { method: init?.method ?? '', path: pathname + search, headers, body: parse(init?.body) }
      const entries = spec.work === 'batch' ? spec.ids.length : 1
      return Response.json(Array.from({ length: entries }, () => ({ result: { data: {} } })))
    },
  })
  await callClient(client, spec, cursor)
  const { method, path, headers, body } = call
  const own: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  for (const line of headers.split('\r\n').filter((line) => line !== '')) {
    const at = line.indexOf(': ')
    own[line.slice(0, at)] = line.slice(at + 2)
  }
  deepStrictEqual(
    { method, path, headers: own, body: parse(body) },
    sent,
    `The generator does not send ${spec.work} as the client does: update subjects/taskwire/calls.ts`,
  )
}

const parse = (body: unknown): unknown => (typeof body === 'string' ? JSON.parse(body) : undefined)

async function callClient(
  client: ReturnType<typeof createClient>,
  spec: CallSpec,
  cursor: string | undefined,
): Promise<void> {
  switch (spec.work) {
    case 'get':
      return void (await client.tasks.get.query({ id: spec.id }))
    case 'list':
      return void (await client.tasks.list.query())
    case 'varied': {
      const { filter, sort, limit } = spec
      return void (await client.tasks.list.query({ filter, sort, limit }))
    }
    case 'page':
      return void (await client.tasks.list.query({ cursor }))
    case 'search':
      return void (await client.tasks.list.query({ filter: { search: spec.words.join(' ') } }))
    case 'create':
      return void (await client.tasks.create.mutate({ ...spec.draft, mutationId: spec.mutationId }))
    case 'update': {
      const { id, changes, mutationId } = spec
      return void (await client.tasks.update.mutate({ id, changes, mutationId }))
    }
    case 'batch':
      return void (await Promise.all(spec.ids.map(async (id) => await client.tasks.get.query({ id }))))
    case 'handling':
      return void (await client.system.health.query())
  }
}
