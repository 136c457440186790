import type { Call } from '../../load/http.ts'
import type { Calls, Shown } from '../calls.ts'

/** REST as anybody would write it by hand; the user is believed. */
export const floorCalls: Calls = {
  call(pick) {
    if (pick.work === 'handling') return { method: 'GET', path: `/nothing?n=${pick.n}`, headers: '' }
    const headers = `x-user: ${pick.user.id}\r\n`
    const get = (path: string): Call => ({ method: 'GET', path, headers })
    switch (pick.work) {
      case 'get':
        return get(`/tasks/${pick.id}`)
      case 'list':
        return get('/tasks')
      case 'page':
        return get(`/tasks?createdAt=${encodeURIComponent(pick.after.createdAt)}&id=${pick.after.id}`)
      case 'search':
        return get(`/search?words=${encodeURIComponent(pick.words.join(' '))}`)
      case 'create':
        return {
          method: 'POST',
          path: '/tasks',
          headers,
          body: JSON.stringify({ ...pick.draft, id: pick.id, mutationId: pick.mutationId }),
        }
      case 'update':
        return {
          method: 'PATCH',
          path: `/tasks/${pick.id}`,
          headers,
          body: JSON.stringify({ ...pick.changes, mutationId: pick.mutationId }),
        }
      case 'batch':
        return { method: 'POST', path: '/batch', headers, body: JSON.stringify({ ids: pick.ids }) }
    }
  },
  tasks({ work }, body) {
    return work === 'handling' ? [] : ([body].flat() as Shown[])
  },
}
