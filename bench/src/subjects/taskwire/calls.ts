import type { FeedItem } from '../../../../packages/contract/src/feed.ts'
import { CONTRACT_HEADER } from '../../../../packages/contract/src/version.ts'
import type { User } from '../../load/call-specs.ts'
import type { Calls } from '../calls.ts'
import { mutation, query, results, shown } from '../trpc-wire.ts'

// Identical to the requests of @taskwire/client; measure/preflight.ts checks that.
const headers = ({ token }: User): string =>
  `x-taskwire-contract: ${CONTRACT_HEADER}\r\nauthorization: Bearer ${token}\r\n`

export const taskwireCalls: Calls = {
  call(spec, cursor) {
    if (spec.work === 'handling') return query(['system.health'], [{}], `x-taskwire-contract: ${CONTRACT_HEADER}\r\n`)
    const h = headers(spec.user)
    switch (spec.work) {
      case 'get':
        return query(['tasks.get'], [{ id: spec.id }], h)
      case 'list':
        return query(['tasks.list'], [{}], h)
      case 'varied': {
        const { filter, sort, limit } = spec
        return query(['tasks.list'], [{ filter, sort, limit }], h)
      }
      case 'page':
        return query(['tasks.list'], [{ cursor: cursor === '' ? undefined : cursor }], h)
      case 'search':
        return query(['tasks.list'], [{ filter: { search: spec.words.join(' ') } }], h)
      case 'create':
        return mutation('tasks.create', { ...spec.draft, mutationId: spec.mutationId }, h)
      case 'update':
        return mutation('tasks.update', { id: spec.id, changes: spec.changes, mutationId: spec.mutationId }, h)
      case 'batch':
        return query(
          spec.ids.map(() => 'tasks.get'),
          spec.ids.map((id) => ({ id })),
          h,
        )
    }
  },
  tasks: shown,
  feed: {
    call: (user) => ({
      method: 'GET',
      path: `/trpc/changes.subscribe?input=${encodeURIComponent('{}')}`,
      headers: `${headers(user)}accept: text/event-stream\r\n`,
    }),
    ids(event) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      // Heartbeats and heads have no Change.
      const item = data?.startsWith('{"type":"change"') === true ? (JSON.parse(data) as FeedItem) : undefined
      return item?.change === undefined ? [] : [item.change.entityId]
    },
  },
  walk: {
    call: ({ user }, limit, cursor) => query(['tasks.list'], [{ limit, cursor }], headers(user)),
    cursors: (body) => results<{ nextCursor: string | null }>(body).flatMap(({ nextCursor }) => nextCursor ?? []),
  },
}
