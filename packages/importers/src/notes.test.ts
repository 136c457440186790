import { expect, test } from 'vitest'
import { groupNotes, createNote, NOTE_KINDS } from './notes.ts'

test('notes are grouped by kind: lost first, then changed, then info', () => {
  const notes = [
    createNote('modified', { line: 1, label: '"a"', detail: '2026-01-01' }),
    createNote('parent', { line: 2, label: '"b"', detail: 'under "a"' }),
    createNote('in-description', { line: 2, label: '"b"', detail: 'Location: here' }),
    createNote('parent', { line: 3, label: '"c"', detail: 'under "a"' }),
    createNote('title-cut', { line: 4, label: '"d"', detail: 'the end' }),
  ]
  expect(groupNotes(notes).map(({ loss, sentence }) => [loss, sentence])).toEqual([
    ['lost', '1 title is cut, and its end is lost'],
    ['lost', '2 sub-tasks became tasks of their own'],
    ['changed', '1 comment, link or location is in the description'],
    ['info', '1 time of the last change is not kept'],
  ])
  expect(groupNotes(notes).flatMap((group) => group.notes)).toHaveLength(notes.length)
})

test('the kind of a note determines its loss', () => {
  expect(createNote('recurrence', { detail: 'FREQ=DAILY' })).toEqual({
    kind: 'recurrence',
    loss: 'lost',
    detail: 'FREQ=DAILY',
  })
})

test('the sentence of every kind begins with the count', () => {
  for (const { sentence } of Object.values(NOTE_KINDS)) {
    expect(sentence(1)).toMatch(/^1 \S/u)
    expect(sentence(12)).toMatch(/^12 \S/u)
  }
})
