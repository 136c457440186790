import type { Call } from '../../load/http.ts'
import type { User } from '../../load/call-specs.ts'
import type { Calls, Shown } from '../calls.ts'

/** Simple REST calls that name their user without a credential. */
export const floorCalls: Calls = callsWith(({ id }) => `x-user: ${id}\r\n`)
/** The same calls with a session's token. */
export const fairFloorCalls: Calls = callsWith(({ token }) => `authorization: Bearer ${token}\r\n`)

function callsWith(headersOf: (user: User) => string): Calls {
  return {
    call(spec) {
      if (spec.work === 'handling') return { method: 'GET', path: `/nothing?n=${spec.n}`, headers: '' }
      const headers = headersOf(spec.user)
      const get = (path: string): Call => ({ method: 'GET', path, headers })
      switch (spec.work) {
        case 'get':
          return get(`/tasks/${spec.id}`)
        case 'list':
          return get('/tasks')
        case 'page':
          return get(`/tasks?createdAt=${encodeURIComponent(spec.after.createdAt)}&id=${spec.after.id}`)
        case 'varied': {
          const { filter, sort, limit } = spec
          return get(`/varied?shape=${encodeURIComponent(JSON.stringify({ filter, sort, limit }))}`)
        }
        case 'search':
          return get(`/search?words=${encodeURIComponent(spec.words.join(' '))}`)
        case 'create':
          return {
            method: 'POST',
            path: '/tasks',
            headers,
            body: JSON.stringify({ ...spec.draft, id: spec.id, mutationId: spec.mutationId }),
          }
        case 'update':
          return {
            method: 'PATCH',
            path: `/tasks/${spec.id}`,
            headers,
            body: JSON.stringify({ ...spec.changes, mutationId: spec.mutationId }),
          }
        case 'batch':
          return { method: 'POST', path: '/batch', headers, body: JSON.stringify({ ids: spec.ids }) }
      }
    },
    tasks({ work }, body) {
      return work === 'handling' ? [] : ([body].flat() as Shown[])
    },
  }
}
