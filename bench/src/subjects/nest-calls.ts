import type { Call } from '../load/http.ts'
import type { Calls, Shown } from './calls.ts'

/** REST; beside nest/, which TypeScript has to build for its decorators. No call holds several others. */
export const nestCalls: Calls = {
  call(pick) {
    if (pick.work === 'handling') return { method: 'GET', path: `/nothing?n=${pick.n}`, headers: '' }
    const headers = `authorization: Bearer ${pick.user.token}\r\n`
    const get = (path: string): Call => ({ method: 'GET', path, headers })
    switch (pick.work) {
      case 'get':
        return get(`/tasks/${pick.id}`)
      case 'list':
        return get('/tasks')
      case 'page':
        return get(`/tasks?skip=${pick.depth}`)
      case 'search':
        return get(`/tasks?search=${encodeURIComponent(pick.words.join(' '))}`)
      case 'create':
        return { method: 'POST', path: '/tasks', headers, body: JSON.stringify(pick.draft) }
      case 'update':
        return { method: 'PATCH', path: `/tasks/${pick.id}`, headers, body: JSON.stringify(pick.changes) }
      case 'batch':
        return undefined
    }
  },
  tasks({ work }, body) {
    return work === 'handling' ? [] : ([body].flat() as Shown[])
  },
}
