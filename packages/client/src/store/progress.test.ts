import { expect, test } from 'vitest'
import { clientError, TaskwireError } from '../errors.ts'
import { createReporter, type Progress, stateAfter } from './progress.ts'
import { StoreError } from './store-error.ts'

test.each([
  [clientError('UNAUTHENTICATED', 'x'), 'signedOut'],
  [new TaskwireError('x', { appCode: 'TOKEN', retryable: false }), 'signedOut'],
  [new TaskwireError('x', { appCode: 'TOKEN', retryable: true }), 'offline'],
  [new TaskwireError('401 and 403', { appCode: 'NETWORK', retryable: true }), 'offline'],
  [clientError('TIMEOUT', 'x'), 'offline'],
  [new StoreError('STORAGE_FULL', 'x'), 'offline'],
  [new StoreError('OUTDATED', 'x'), 'outdated'],
  [new TypeError('x'), 'offline'],
])('an error of the kind %s leads to the state %s', (error, state) => {
  expect(stateAfter(error)).toBe(state)
})

function reported(): { progress: Progress[]; reporter: ReturnType<typeof createReporter> } {
  const progress: Progress[] = []
  return { progress, reporter: createReporter('loading', (next) => progress.push(next)) }
}

test('a queue that waits for the user comes before the mirror, and the trouble of either is told', () => {
  const { progress, reporter } = reported()
  reporter.mirrorIs({ state: 'live', failing: null })
  reporter.queueIs({ state: 'offline', failing: { code: 'UNAVAILABLE', message: 'x' } })
  reporter.queueIs({ state: 'signedOut', failing: { code: 'UNAUTHENTICATED', message: 'y' } })
  expect(progress.map(({ state, failing }) => [state, failing?.code])).toEqual([
    ['loading', undefined],
    ['live', undefined],
    ['live', 'UNAVAILABLE'],
    ['signedOut', 'UNAUTHENTICATED'],
  ])
})

test('a trouble that goes on keeps the time at which it began, and is told once', () => {
  const { progress, reporter } = reported()
  const failing = { code: 'NETWORK', message: 'x' } as const
  reporter.mirrorIs({ state: 'offline', failing })
  const since = progress.at(-1)?.failing?.since
  reporter.mirrorIs({ state: 'offline', failing: { ...failing } })
  expect(progress.length).toBe(2)
  reporter.mirrorIs({ state: 'offline', failing: { ...failing, message: 'z' } })
  expect(progress.at(-1)?.failing).toEqual({ ...failing, message: 'z', since })
})
