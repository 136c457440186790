import type { Call } from '../load/http.ts'
import type { Calls, Shown } from './calls.ts'

/** REST, without batches. This file is not in nest/, which is built separately. */
export const nestCalls: Calls = {
  call(spec) {
    if (spec.work === 'handling') return { method: 'GET', path: `/nothing?n=${spec.n}`, headers: '' }
    const headers = `authorization: Bearer ${spec.user.token}\r\n`
    const get = (path: string): Call => ({ method: 'GET', path, headers })
    switch (spec.work) {
      case 'get':
        return get(`/tasks/${spec.id}`)
      case 'list':
        return get('/tasks')
      case 'page':
        return get(`/tasks?skip=${spec.depth}`)
      case 'search':
        return get(`/tasks?search=${encodeURIComponent(spec.words.join(' '))}`)
      case 'create':
        return { method: 'POST', path: '/tasks', headers, body: JSON.stringify(spec.draft) }
      case 'update':
        return { method: 'PATCH', path: `/tasks/${spec.id}`, headers, body: JSON.stringify(spec.changes) }
      case 'varied':
      case 'batch':
        return undefined
    }
  },
  tasks({ work }, body) {
    return work === 'handling' ? [] : ([body].flat() as Shown[])
  },
}
