import { describe, expect, test } from 'vitest'
import { ids, input, load, messages, titles } from './testing/fixtures.ts'
import { importIcalendar } from './icalendar.ts'
import type { Imported } from './types.ts'

function read(...todos: string[][]): Imported {
  const parts = todos.map((lines) => ['BEGIN:VTODO', ...lines, 'END:VTODO'].join('\n'))
  return importIcalendar(input(`BEGIN:VCALENDAR\n${parts.join('\n')}\nEND:VCALENDAR`, 'a.ics'))
}

const UID = 'UID:series@example.org'

describe('of several versions of a task, the newest is imported', () => {
  test.each([
    ['by SEQUENCE', ['SEQUENCE:2', 'LAST-MODIFIED:20260101T000000Z'], ['SEQUENCE:1', 'LAST-MODIFIED:20260102T000000Z']],
    ['else by LAST-MODIFIED', ['LAST-MODIFIED:20260102T000000Z'], ['LAST-MODIFIED:20260101T000000Z']],
    ['else by DTSTAMP', ['SEQUENCE:1', 'DTSTAMP:20260102T000000Z'], ['SEQUENCE:1', 'DTSTAMP:20260101T000000Z']],
  ])('%s', (_, newer, older) => {
    for (const versions of [
      [
        [UID, 'SUMMARY:new', ...newer],
        [UID, 'SUMMARY:old', ...older],
      ],
      [
        [UID, 'SUMMARY:old', ...older],
        [UID, 'SUMMARY:new', ...newer],
      ],
    ]) {
      const imported = read(...versions)
      expect(titles(imported)).toEqual(['new'])
      expect(messages(imported)).toContainEqual(expect.stringMatching(/merged: "old": there is a newer version$/u))
    }
  })

  test('or the last in the file, if the versions have no dates', () => {
    expect(titles(read([UID, 'SUMMARY:old'], [UID, 'SUMMARY:new']))).toEqual(['new'])
  })

  test('even if the versions are in several calendars of a file', () => {
    const one = (summary: string, day: string): string =>
      `BEGIN:VCALENDAR\nBEGIN:VTODO\n${UID}\nSUMMARY:${summary}\nDTSTAMP:202601${day}T000000Z\nEND:VTODO\nEND:VCALENDAR\n`
    expect(titles(importIcalendar(input(one('new', '02') + one('old', '01'), 'a.ics')))).toEqual(['new'])
  })

  test('tasks without a UID are separate tasks', () => {
    expect(titles(read(['SUMMARY:a'], ['SUMMARY:a']))).toEqual(['a', 'a'])
  })
})

describe('a changed occurrence', () => {
  test('is left out if the repeating task is in the file', () => {
    const imported = importIcalendar(load('icalendar/same-uid.ics'))
    expect(titles(imported)).toEqual(['Water plants'])
    expect(messages(imported).join('\n')).toContain('the changed occurrence "20260508T000000Z" is left out')
  })

  test('is a task with a stable id if the repeating task is not in the file', () => {
    const first = [UID, 'RECURRENCE-ID:20260508T000000Z', 'SUMMARY:first']
    const second = [UID, 'RECURRENCE-ID:20260515T000000Z', 'SUMMARY:second']
    const both = read(first, second)
    expect(titles(both)).toEqual(['first', 'second'])
    expect(new Set(ids(both)).size).toBe(2)
    expect(ids(read(second))).toEqual(ids(both).slice(1))
  })
})
