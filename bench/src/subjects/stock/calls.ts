import type { Key, User } from '../../load/picks.ts'
import type { Calls } from '../calls.ts'
import { mutation, query, shown } from '../trpc-wire.ts'

const headers = ({ token }: User): string => `authorization: Bearer ${token}\r\n`
const cursorOf = ({ id, createdAt }: Key): { id: string; createdAt: string } => ({ id, createdAt })

export const stockCalls: Calls = {
  call(pick) {
    if (pick.work === 'handling') return query(['nothing'], [{ n: pick.n }], '')
    const h = headers(pick.user)
    switch (pick.work) {
      case 'get':
        return query(['get'], [{ id: pick.id }], h)
      case 'list':
        return query(['list'], [{}], h)
      case 'page':
        return query(['list'], [{ cursor: cursorOf(pick.after) }], h)
      case 'search':
        return query(['list'], [{ search: pick.words.join(' ') }], h)
      case 'create':
        return mutation('create', pick.draft, h)
      case 'update':
        return mutation('update', { id: pick.id, changes: pick.changes }, h)
      case 'batch':
        return query(
          pick.ids.map(() => 'get'),
          pick.ids.map((id) => ({ id })),
          h,
        )
    }
  },
  tasks: shown,
}
