import type { Change } from '@taskwire/client'
import { expect, test } from 'vitest'
import { describeChange } from './describe-change.ts'

/** Only what is read. */
const change = (action: string, after: object): Change => ({ action, after }) as Change

test.each([
  [change('complete', { complete: true, completedAt: '' }), 'Completed'],
  [change('update', { due: null, dueAt: null }), 'Removed the due date'],
  [change('update', { title: 'Buy milk', tags: ['a'] }), 'Set the title to “Buy milk”, set the tags to “@a”'],
  [change('update', { description: 'x'.repeat(100) }), `Set the description to “${'x'.repeat(80)}…”`],
  [change('update', {}), 'Changed'],
  [change('move', { position: '8' }), 'Moved'],
  [change('move', { position: '8', listId: null }), 'Moved to the inbox'],
])('%j', (given, words) => {
  const known = { lists: [], today: '2026-11-28', timeZone: 'Europe/Berlin' }
  expect(describeChange(given, known).replaceAll(/[\u2068\u2069]/g, '')).toBe(words)
})
