import type { RecordedCall } from './recording.ts'

/** The procedures that were called. */
export function proceduresIn(calls: readonly RecordedCall[]): string[] {
  const names = calls.flatMap(({ request }) => /^\/trpc\/([^?]+)/.exec(request.path)?.[1]?.split(',') ?? [])
  return [...new Set(names)].toSorted()
}

/** The error codes that were replied. */
export function codesIn(calls: readonly RecordedCall[]): string[] {
  const codes = calls.flatMap(({ reply }) =>
    [...JSON.stringify(reply).matchAll(/"appCode":"(\w+)"/g)].map(([, code = '']) => code),
  )
  return [...new Set(codes)].toSorted()
}
