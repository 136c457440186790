import type { Change } from '@taskwire/client'
import { expect, test } from 'vitest'
import { describeChange } from './describe-change.ts'

/** Only what is read. */
const change = (action: string, after: object): Change => ({ action, after }) as Change

test.each([
  [change('complete', { complete: true, completedAt: '' }), 'Completed'],
  [change('update', { due: null, dueAt: null }), 'Changed the due date'],
  [change('update', { title: 'Buy milk', listId: null }), 'Changed the title, the list'],
  [change('update', {}), 'Changed'],
])('%j', (given, words) => {
  expect(describeChange(given)).toBe(words)
})
