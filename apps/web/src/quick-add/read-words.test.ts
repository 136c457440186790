import { expect, test } from 'vitest'
import { dateWords } from './date-words.ts'
import { draftOf, readWords } from './read-words.ts'

const listOf = (id: string, name: string) => ({ id, name, position: '', revision: 1, createdAt: '', updatedAt: '' })
const lists = [listOf('home', 'Home'), listOf('renovation', 'Home renovation')]
const TIME_ZONE = 'Europe/Berlin'
// Saturday, half past ten in Berlin.
const dates = dateWords(TIME_ZONE, new Date('2026-11-28T09:30:00Z'))
const read = (text: string, ...kept: string[]) => draftOf(readWords(text, { lists, dates, kept: new Set(kept) }))
const at = (date: string, time: string) => ({ date, time, timeZone: TIME_ZONE })

test('a date, a list, tags and a priority are read from the text, and the rest is the title', () => {
  expect(read('call the bank tomorrow 9am #home @errand !high')).toEqual({
    draft: {
      title: 'call the bank',
      due: at('2026-11-29', '09:00'),
      listId: 'home',
      tags: ['errand'],
      priority: 'high',
    },
    newList: undefined,
  })
})

test.each([
  ['pay on friday', 'pay', { date: '2026-12-04' }],
  ['in 3 days water the plants', 'water the plants', { date: '2026-12-01' }],
  ['next monday at 14:30 meet Ben', 'meet Ben', at('2026-11-30', '14:30')],
  ['wrap presents Dec 24', 'wrap presents', { date: '2026-12-24' }],
  ['call in an hour', 'call', at('2026-11-28', '11:30')],
  ['today', '', { date: '2026-11-28' }],
  ['send the report by friday', 'send the report', { date: '2026-12-04' }],
  ['stop by tomorrow', 'stop by', { date: '2026-11-29' }],
  ['ask every supplier tomorrow', 'ask every supplier', { date: '2026-11-29' }],
  ['gym mon, wed and friday', 'gym mon, wed and', { date: '2026-12-04' }],
])('%s', (text, title, due) => {
  expect(read(text)).toEqual({ draft: { title, due }, newList: undefined })
})

test.each([
  'it may rain',
  'march on',
  'sun cream',
  'a 10 min walk',
  'read 1984',
  'mail ada@example.com',
  'C# or F#',
  'wow!',
  '5 > 3! ok',
  // What no task can do is not half understood.
  'water the plants every monday',
  'change the filter every other friday 9am',
  'gym every monday and thursday',
  'water them every day at 9am',
  'meet Ben 3pm-4pm',
])('%s is a title and nothing else', (title) => {
  expect(read(title)).toEqual({ draft: { title }, newList: undefined })
})

test('near midnight, the date is that of the account', () => {
  const inTokyo = dateWords('Asia/Tokyo', new Date('2026-11-28T15:30:00Z'))
  const { parts } = readWords('today 8pm', { lists, dates: inTokyo, kept: new Set() })
  expect(parts).toMatchObject([{ means: { due: { date: '2026-11-29', time: '20:00', timeZone: 'Asia/Tokyo' } } }])
})

test('the longest name of a list counts, and another word is a new list', () => {
  expect(read('paint #Home renovation')).toMatchObject({ draft: { title: 'paint', listId: 'renovation' } })
  expect(read('paint #home now and then')).toMatchObject({ draft: { title: 'paint now and then', listId: 'home' } })
  expect(read('paint #homes')).toEqual({ draft: { title: 'paint' }, newList: 'homes' })
})

test('a tag or a list named like a word before dates is one', () => {
  expect(read('pay @due tomorrow #by friday')).toEqual({
    draft: { title: 'pay tomorrow', tags: ['due'], due: { date: '2026-12-04' } },
    newList: 'by',
  })
})

test('what the user keeps stays in the title; of several dates, priorities and lists the last one counts', () => {
  expect(read('watch Friday night tomorrow', 'Friday night')).toEqual({
    draft: { title: 'watch Friday night', due: { date: '2026-11-29' } },
    newList: undefined,
  })
  expect(read('x !low !urgent @a @b')).toMatchObject({
    draft: { title: 'x !low', priority: 'urgent', tags: ['a', 'b'] },
  })
})
