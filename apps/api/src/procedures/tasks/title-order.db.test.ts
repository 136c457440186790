import { comparator } from '@taskwire/client/store'
import type { Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../../testing/caller.ts'
import { hasChromium, launchChromium, whySkipped } from '../../testing/chromium.ts'
import { startTestService } from '../../testing/service.ts'

// docs/finding-tasks.md says which titles are in the same order in the service and in the store: of these characters,
// the order differs between versions and builds of ICU.

// Han and Tangut characters, in the order of radicals or of code points; and numerals of historic and Indic writing
// systems. Of numerals, ½, ², Ⅷ, ① and the like do have the same order.
const OTHERWISE =
  /[\p{Script=Han}\p{Script=Tangut}]|(?![\xb2-\xbe\u2070-\u217f\u2183-\u2185\u2189\u2460-\u24ff])[\p{No}\p{Nl}]/u
const RARE = new Set(
  [
    // In every version: signs for Hebrew, ₧, ₨, ﷼ and the letter ㄒ.
    '\u05f3\u05f4\u20a7\u20a8\ufdfc\u3112\u{10a7f}',
    // In ICU 60, of the embedded database.
    '\u0675\u0676\u0677\u0678\u0f82\u0f83\u1086\u166d\u1d89\u1d98\u1de3\u1e9b\u31ac\ua75a\ua75b\ua9b5\ufbdd',
    '\u{101fd}\u{10a32}\u{10a33}\u{111c9}',
  ].flatMap((characters) => [...characters]),
)

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Every character that may be a title, in the service's order, without those above and those that it does not know. */
async function orderOfService(): Promise<string[]> {
  const titles = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code >= 0xe000)
    .map((code) => String.fromCodePoint(code))
    .filter((title) => /[^\p{Cn}\p{Cc}\p{Co}\u2028\u2029]/u.test(title) && title.trim().normalize('NFC') === title)
    .filter((title) => !OTHERWISE.test(title) && !RARE.has(title))
  const rows = await service.admin(
    `select title from json_array_elements_text($1::text::json) title
     where title collate "und-x-icu" ~ '[[:graph:]]' order by title collate "und-x-icu"`,
    [JSON.stringify(titles)],
  )
  return rows.map(({ title }) => String(title))
}

/** The positions at which two orders differ: a few of them, since a moved character changes all positions after it. */
const differences = (order: readonly string[], other: readonly string[]): [number, string, string][] =>
  order
    .flatMap((title, at): [number, string, string][] => (title === other[at] ? [] : [[at, title, other[at] ?? '']]))
    .slice(0, 20)

const expected = await orderOfService()

test('titles of one character are in the same order in the service and in the store', async () => {
  const { client } = await newCaller(service)
  const model: Task = await client.tasks.create.mutate({ title: 'x' })
  const sorted = expected
    .toReversed()
    .map((title) => ({ ...model, title }))
    .sort(comparator({ by: 'title', direction: 'asc' }))
  expect(
    differences(
      expected,
      sorted.map(({ title }) => title),
    ),
  ).toEqual([])
  expect(expected.length).toBeGreaterThan(39_000)
})

test.skipIf(!hasChromium)(`a browser has the same order${whySkipped}`, async () => {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const sorted = await page.evaluate((titles) => {
      const { compare } = new Intl.Collator('en')
      const codeOf = (title: string): number => title.codePointAt(0) ?? 0
      return titles.sort((a, b) => compare(a, b) || codeOf(a) - codeOf(b))
    }, expected.toReversed())
    expect(differences(expected, sorted)).toEqual([])
  } finally {
    await browser.close()
  }
})
