import type { Key, User } from '../../load/call-specs.ts'
import type { Calls } from '../calls.ts'
import { mutation, query, shown } from '../trpc-wire.ts'

const headers = ({ token }: User): string => `authorization: Bearer ${token}\r\n`
const cursorOf = ({ id, createdAt }: Key): { id: string; createdAt: string } => ({ id, createdAt })

export const stockCalls: Calls = {
  call(spec) {
    if (spec.work === 'handling') return query(['nothing'], [{ n: spec.n }], '')
    const h = headers(spec.user)
    switch (spec.work) {
      case 'get':
        return query(['get'], [{ id: spec.id }], h)
      case 'list':
        return query(['list'], [{}], h)
      case 'page':
        return query(['list'], [{ cursor: cursorOf(spec.after) }], h)
      case 'search':
        return query(['list'], [{ search: spec.words.join(' ') }], h)
      case 'create':
        return mutation('create', spec.draft, h)
      case 'update':
        return mutation('update', { id: spec.id, changes: spec.changes }, h)
      case 'varied':
        return undefined
      case 'batch':
        return query(
          spec.ids.map(() => 'get'),
          spec.ids.map((id) => ({ id })),
          h,
        )
    }
  },
  tasks: shown,
}
