import type { Call } from '../load/http.ts'
import type { Calls, Shown } from './calls.ts'

/** Calls as tRPC's httpBatchLink sends them: one request for all that are asked at once. */
export function query(paths: readonly string[], inputs: readonly unknown[], headers: string): Call {
  const input = encodeURIComponent(JSON.stringify({ ...inputs }))
  return { method: 'GET', path: `/trpc/${paths.join(',')}?batch=1&input=${input}`, headers }
}

export function mutation(path: string, input: unknown, headers: string): Call {
  return { method: 'POST', path: `/trpc/${path}?batch=1`, headers, body: JSON.stringify({ 0: input }) }
}

/** What each call of a batch gave. */
export function results<T>(body: unknown): T[] {
  // Looked at only where the status was 200, when every entry is a result.
  return (body as { result: { data: T } }[]).map(({ result }) => result.data)
}

/** The tasks that an answer shows: those of a page, or of each call. */
export const shown: Calls['tasks'] = ({ work }, body) => {
  switch (work) {
    case 'handling':
      return []
    case 'list':
    case 'page':
    case 'search':
      return results<{ items: Shown[] }>(body).flatMap(({ items }) => items)
    default:
      return results<Shown>(body)
  }
}
