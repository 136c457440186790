import type { Call } from '../load/http.ts'
import type { Calls, Shown } from './calls.ts'

/** Builds the request of tRPC's httpBatchLink for one or more queries. */
export function query(paths: readonly string[], inputs: readonly unknown[], headers: string): Call {
  const input = encodeURIComponent(JSON.stringify({ ...inputs }))
  return { method: 'GET', path: `/trpc/${paths.join(',')}?batch=1&input=${input}`, headers }
}

export function mutation(path: string, input: unknown, headers: string): Call {
  return { method: 'POST', path: `/trpc/${path}?batch=1`, headers, body: JSON.stringify({ 0: input }) }
}

/** The results of the calls of a batch. */
export function results<T>(body: unknown): T[] {
  // Used only with status 200, when every entry is a result.
  return (body as { result: { data: T } }[]).map(({ result }) => result.data)
}

/** The tasks of a response: the items of a page, or the task of each call of a batch. */
export const shown: Calls['tasks'] = ({ work }, body) => {
  switch (work) {
    case 'handling':
      return []
    case 'list':
    case 'varied':
    case 'page':
    case 'search':
      return results<{ items: Shown[] }>(body).flatMap(({ items }) => items)
    default:
      return results<Shown>(body)
  }
}
