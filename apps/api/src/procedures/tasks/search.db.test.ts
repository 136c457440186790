import { afterAll, expect, test } from 'vitest'
import { createSearch } from './testing/search.ts'
import { startTestService } from '../../testing/service.ts'
import { newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test('a search finds every word as a prefix of a word in title or description', async () => {
  const texts = ['Buy milk', 'Milkshake | from oat', 'Buttermilk', 'Ask | about the MILK', 'Buy bread | and\nmilk']
  const find = await createSearch(service, texts)
  const [buy, shake, , ask, bread] = texts
  expect(await find('milk')).toEqual([buy, shake, ask, bread])
  expect(await find('MILKS')).toEqual([shake])
  expect(await find('milk buy')).toEqual([buy, bread])
  expect(await find('bu mi')).toEqual([buy, bread])
  expect(await find('  buy \u3000 bread ')).toEqual([bread])
  expect(await find('oat milk')).toEqual([shake])
  expect(await find('milk cheese')).toEqual([])
  expect(await find('ilk')).toEqual([])
})

test('a search finds e-mail addresses, hyphens, numbers and emoji', async () => {
  const texts = [
    'mail ann.lee@example.com',
    'follow-up e-mail',
    '🎉 party ❤️love',
    '👩‍👩‍👧 visit',
    'flat 3½cups 1️⃣one',
    '2026-11-22',
  ]
  const find = await createSearch(service, texts)
  const [mail, hyphens, party, family, numbers, date] = texts
  expect(await find('ann.lee@example.com')).toEqual([mail])
  expect(await find('ann')).toEqual([mail])
  expect(await find('@example')).toEqual([mail])
  expect(await find('example')).toEqual([mail])
  expect(await find('e-m')).toEqual([hyphens])
  expect(await find('up')).toEqual([hyphens])
  expect(await find('mail')).toEqual([mail, hyphens])
  expect(await find('🎉')).toEqual([party])
  expect(await find('party')).toEqual([party])
  expect(await find('love')).toEqual([party])
  expect(await find('👩‍👩‍👧')).toEqual([family])
  expect(await find('👩')).toEqual([family])
  expect(await find('cup')).toEqual([numbers])
  expect(await find('one')).toEqual([numbers])
  expect(await find('2026-11')).toEqual([date])
  expect(await find('22')).toEqual([date])
})

test('a symbol or emoji is found anywhere, also next to a word', async () => {
  const texts = [
    '💡idea',
    'bright💡',
    'C++ and C#',
    'x#tag',
    '50%off',
    'R&D',
    'a/b',
    '5€',
    '❤️love',
    'is it?',
    '~50 °C',
  ]
  const find = await createSearch(service, texts)
  const [idea, bright, languages, tag, percent, research, either, euro, love, question, about] = texts
  expect(await find('💡')).toEqual([idea, bright])
  expect(await find('💡ide')).toEqual([idea])
  expect(await find('idea')).toEqual([idea])
  expect(await find('bright💡')).toEqual([bright])
  expect(await find('right💡')).toEqual([])
  expect(await find('c++')).toEqual([languages])
  expect(await find('+')).toEqual([languages])
  expect(await find('++')).toEqual([languages])
  expect(await find('#')).toEqual([languages, tag])
  expect(await find('#tag')).toEqual([tag])
  expect(await find('c#')).toEqual([languages])
  expect(await find('50%')).toEqual([percent])
  expect(await find('%')).toEqual([percent])
  expect(await find('%off')).toEqual([percent])
  expect(await find('r&d')).toEqual([research])
  expect(await find('&D')).toEqual([research])
  expect(await find('a/b')).toEqual([either])
  expect(await find('/')).toEqual([either])
  expect(await find('€')).toEqual([euro])
  expect(await find('5€')).toEqual([euro])
  expect(await find('❤')).toEqual([love])
  expect(await find('❤️')).toEqual([love])
  expect(await find('love')).toEqual([love])
  expect(await find('?')).toEqual([question])
  expect(await find('°')).toEqual([about])
  expect(await find('~5')).toEqual([about])
})

test('a search of accents alone counts as blank, and is not enough of a filter for bulk', async () => {
  const { client } = await newCaller(service)
  await client.tasks.create.mutate({ title: 'x' })
  for (const search of ['\u0301', '\ufe0f \u0308']) {
    expect((await client.tasks.count.query({ filter: { search } })).total).toBe(1)
    const bulk = client.tasks.bulk.mutate({ filter: { search }, action: { type: 'delete' }, maxAffected: 9 })
    expect((await refused(bulk)).fields?.map(({ path }) => path)).toEqual(['filter'])
  }
})

test('a search has at most 200 characters and 10 words', async () => {
  const { client } = await newCaller(service)
  await client.tasks.create.mutate({ title: 'x'.repeat(200), description: 'a b c d e f g h i j' })
  for (const search of ['x'.repeat(200), 'a b c d e f g h i j'])
    expect((await client.tasks.count.query({ filter: { search } })).total).toBe(1)
  for (const search of ['x'.repeat(201), 'a b c d e f g h i j k', 'a\0', 'a\nb', '\ud800']) {
    const { fields } = await refused(client.tasks.count.query({ filter: { search } }))
    expect(fields?.map(({ path }) => path)).toContain('filter.search')
  }
})

test('a blank search is ignored, also in cursors', async () => {
  const { client } = await newCaller(service)
  const { tasks } = await client.tasks.createMany.mutate({ tasks: ['a', 'b', 'c'].map((title) => ({ title })) })
  const first = await client.tasks.list.query({ filter: { search: '' }, limit: 2 })
  expect(first.items.map(({ id }) => id)).toEqual([tasks[2]?.id, tasks[1]?.id])
  const rest = await client.tasks.list.query({ filter: { search: ' \u3000' }, limit: 2, cursor: first.nextCursor })
  expect(rest.items.map(({ id }) => id)).toEqual([tasks[0]?.id])
  expect(await client.tasks.count.query({ filter: { search: '  ' } })).toMatchObject({ total: 3 })
})
