import { afterAll, expect, test } from 'vitest'
import { createSearch } from './testing/search.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test('a search ignores case in any writing system', async () => {
  const pairs = [
    ['Äpfel ÉCLAIR', 'äpf éCL'],
    ['straße', 'STRAß'],
    ['МОЛОКО', 'молок'],
    ['Οδός', 'ΟΔΌΣ'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ԲԱՐԵՎ', 'բար'],
    ['ᏣᎳᎩ', 'ꮳꮃ'],
    ['𐐔𐐇𐐝', '𐐼𐐯'],
    ['İstanbul', 'i\u0307stan'],
  ] as const
  const find = await createSearch(
    service,
    pairs.map(([title]) => title),
  )
  for (const [title, search] of pairs) {
    expect(await find(search)).toEqual([title])
    expect(await find(title)).toEqual([title])
  }
})

test('in writing systems without spaces, a word can begin anywhere', async () => {
  const texts = ['牛乳を買うmilk', 'コーヒーbean', 'ซื้อนมspoon', '우유를 사다', '買う2026年', 'ដើម្បី', 'ဝယ်']
  const find = await createSearch(service, texts)
  const [milk, bean, spoon, korean, year, khmer, burmese] = texts
  expect(await find('買う')).toEqual([milk, year])
  expect(await find('乳を')).toEqual([milk])
  expect(await find('milk')).toEqual([milk])
  expect(await find('うmi')).toEqual([milk])
  expect(await find('ilk')).toEqual([])
  expect(await find('ヒー')).toEqual([bean])
  expect(await find('bean')).toEqual([bean])
  expect(await find('นม')).toEqual([spoon])
  expect(await find('spo')).toEqual([spoon])
  expect(await find('유를')).toEqual([korean])
  expect(await find('2026年')).toEqual([year])
  expect(await find('បី')).toEqual([khmer])
  expect(await find('ယ်')).toEqual([burmese])
  expect(await find('買う 牛乳')).toEqual([milk])
})

test('a vowel sign or an accent is part of the word', async () => {
  const texts = ['हिन्दी सीखो', 'தமிழ்', 'שָׁלוֹם', 'مَدْرَسَة', 'x\u0302y', 'বাংলা']
  const find = await createSearch(service, texts)
  const [hindi, tamil, hebrew, arabic, hat, bangla] = texts
  expect(await find('हिन्')).toEqual([hindi])
  expect(await find('न्दी')).toEqual([])
  expect(await find('सीख')).toEqual([hindi])
  expect(await find('தமி')).toEqual([tamil])
  expect(await find('ழ்')).toEqual([])
  expect(await find('שָׁל')).toEqual([hebrew])
  expect(await find('لوم')).toEqual([])
  expect(await find('مَدْ')).toEqual([arabic])
  expect(await find('رَسَ')).toEqual([])
  expect(await find('y')).toEqual([])
  expect(await find('x\u0302')).toEqual([hat])
  expect(await find('লা')).toEqual([])
  expect(await find('বাং')).toEqual([bangla])
})

test('characters special to SQL, LIKE or regular expressions are searched literally', async () => {
  const texts = [
    '100% sure',
    'snake_case',
    String.raw`C:\temp`,
    '(a|b)[c]*',
    'it\'s "it"',
    '$5.00+',
    '^x{2}?',
    'a&b!',
    "a'--",
    '~/.#',
  ]
  const find = await createSearch(service, texts)
  for (const text of texts) expect(await find(text)).toEqual([text])
  for (const search of ['.*', '1.0', '(a|b)c', '[a-z]', String.raw`\w`, '***:milk', '(?i)SNAKE', 'x{1}', "'; drop"])
    expect(await find(search)).toEqual([])
  expect(await find('%')).toEqual(['100% sure'])
  expect(await find('_')).toEqual(['snake_case'])
  expect(await find('case')).toEqual(['snake_case'])
  expect(await find('temp')).toEqual([String.raw`C:\temp`])
  expect(await find('[c]*')).toEqual(['(a|b)[c]*'])
  expect(await find('"it"')).toEqual(['it\'s "it"'])
})

test('a search ignores accents in both the text and the search', async () => {
  const pairs = [
    ['Café', 'cafe'],
    ['İstanbul', 'istanbul'],
    ['Kırmızı ışık', 'kirmizi isik'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['smørrebrød på Ærø', 'smorrebrod pa aero'],
    ['œuvre', 'oeuvre'],
    ['Đường', 'duong'],
    ['Þórður', 'thordur'],
    ['Ελλάδα', 'ελλαδα'],
    ['отчёт', 'отчет'],
    ['за\u0301мок', 'замок'],
    ['שָׁלוֹם', 'שלום'],
    ['مَدْرَسَة', 'مدرسة'],
    ['أحمد', 'احمد'],
  ] as const
  const find = await createSearch(
    service,
    pairs.map(([title]) => title),
  )
  for (const [title, plain] of pairs) {
    expect(await find(plain)).toEqual([title])
    expect(await find(title)).toEqual([title])
    expect(await find(plain.toUpperCase())).toEqual([title])
  }
  const plainly = await createSearch(
    service,
    pairs.map(([, plain]) => plain),
  )
  for (const [title, plain] of pairs) expect(await plainly(title)).toEqual([plain])
  expect(await find('cafè')).toEqual(['Café'])
  expect(await find('afe')).toEqual([])
})

test('a search does not ignore marks that make another letter or word', async () => {
  const pairs = [
    ['мой', 'мои'],
    ['їжа', 'іжа'],
    ['が', 'か'],
    ['हिन्दी', 'हन्द'],
    ['นม', 'นิม'],
    ['a≠b', 'a=b'],
  ] as const
  const find = await createSearch(service, pairs.flat())
  for (const [one, other] of pairs) {
    expect(await find(one)).toEqual([one])
    expect(await find(other)).toEqual([other])
  }
})
