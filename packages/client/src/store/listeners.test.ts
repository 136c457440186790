import { expect, test, vi } from 'vitest'
import { createListeners } from './listeners.ts'

test('a listener that throws stops neither the others nor the caller, and its error is reported', () => {
  const report = vi.fn<(error: unknown) => void>()
  vi.stubGlobal('reportError', report)
  const listeners = createListeners<[number]>()
  const called: number[] = []
  const error = new Error('of the page')
  listeners.add(() => {
    throw error
  })
  listeners.add((value) => called.push(value))
  listeners.call(1)
  expect(called).toEqual([1])
  expect(report.mock.calls).toEqual([[error]])
  vi.unstubAllGlobals()
})
