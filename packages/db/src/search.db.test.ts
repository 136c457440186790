import { randomUUID } from 'node:crypto'
import { foldForSearch } from '@taskwire/contract'
import fc from 'fast-check'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'
import { plansOf } from './testing/plans.ts'

// TASKWIRE_SEED sets another seed, TASKWIRE_RUNS the number of cases.
const SEED = Number(process.env['TASKWIRE_SEED'])
const RUNS = Number(process.env['TASKWIRE_RUNS'] ?? 2000)

let database: TestDatabase
let admin: Sql
beforeAll(async () => {
  database = await createTestDatabase()
  admin = createClient({ address: database.admin, applicationName: 'test' })
})
afterAll(async () => {
  await admin.end()
  await database[Symbol.asyncDispose]()
})

/** Adds an account; returns its id, which is that of its personal space. */
async function addUser(id: string = randomUUID()): Promise<string> {
  await admin`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
  return id
}
async function addTasks(user: string, titles: readonly string[]): Promise<void> {
  await admin`insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
    select ${user}, gen_random_uuid(), title, tw.position_text(2147483648 + nr), nr, now(), now()
    from json_array_elements_text(${JSON.stringify(titles)}::text::json) with ordinality x(title, nr)`
}
/** The titles that a look-up finds in this space; null if it returns null. */
async function lookedUp(user: string, words: readonly string[], most: number | null = null): Promise<unknown> {
  const [row] = await admin.begin(async (sql) => {
    await sql`set local role taskwire_app`
    await sql`select set_config('app.space', ${user}, true)`
    return await sql`select case when locations is not null then
        array_to_json(array(select title from tw.tasks where ctid = any (locations) order by position)) end as titles
      from tw.search_locations(array(select json_array_elements_text(${JSON.stringify(words)}::text::json)), ${most}::int) locations`
  })
  return row?.['titles']
}

/** The characters that a bracket expression of the functions matches. */
function ranges(pattern: RegExp): string {
  const escaped = (code: number): string =>
    code > 0xffff
      ? String.raw`\U${code.toString(16).padStart(8, '0')}`
      : String.raw`\u${code.toString(16).padStart(4, '0')}`
  let found = ''
  let first = -1
  for (let at = 0; at <= 0x110000; at++) {
    const matches = at < 0x110000 && pattern.test(String.fromCodePoint(at))
    if (matches && first < 0) first = at
    if (matches || first < 0) continue
    found += first === at - 1 ? escaped(first) : `${escaped(first)}-${escaped(at - 1)}`
    first = -1
  }
  return found
}

test('the classes of characters agree with Unicode', async () => {
  const [row] = await admin`select tw.unspaced() as unspaced, tw.marks() as marks`
  expect(row?.['unspaced']).toBe(
    ranges(
      /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u,
    ),
  )
  // Characters that follow an emoji are not part of a word.
  expect(row?.['marks']).toBe(ranges(/[\p{M}--[\uFE00-\uFE0F\u20E3]]/v))
})

test('folded text equals foldForSearch(), character by character', async () => {
  const codes = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) =>
    /[\P{Cn}--[\0\p{Cs}]]/v.test(String.fromCodePoint(code)),
  )
  // Each character follows a letter, to which a mark belongs, and is in the normal form in which it is stored.
  const texts = codes.map((code) => `a${String.fromCodePoint(code)}`.normalize('NFC'))
  const different: string[] = []
  let newer = 0
  for (let from = 0; from < texts.length; from += 20_000) {
    const some = texts.slice(from, from + 20_000)
    const rows = await admin`
      select tw.folded(text, null) as folded, lower(text collate "und-x-icu") as lower, normalize(text, nfd) as decomposed
      from json_array_elements_text(${JSON.stringify(some)}::text::json) with ordinality x(text, nr) order by nr`
    for (const [nr, text] of some.entries()) {
      const { folded, lower, decomposed } = rows[nr] ?? {}
      // The server's Unicode may not have the letter or its case yet.
      if (lower !== text.toLowerCase() || decomposed !== text.normalize('NFD')) newer++
      else if (folded !== `${foldForSearch(text)}\n`) different.push(text)
    }
  }
  expect(different).toEqual([])
  expect(newer).toBeLessThan(500)
})

const PIECES =
  `a milk mi é ß İ ı ø е\u0308 и\u0306 σ ς дом 7 ½ _ - . @ % \\ ' " 牛 乳 を ー 、 นม ื 우유 ដើ हि न् ी x̂ שָׁ مَ ʼ · ≠ + # / 🎉 ❤️ 👩‍👩`
    .split(' ')
    .concat(' ', ' ', '\n')
const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(''))

test(`the index returns every task that matches a search (seed ${SEED})`, async () => {
  const cases = fc.sample(fc.record({ text, from: fc.nat(20), length: fc.integer({ min: 1, max: 8 }) }), {
    seed: SEED,
    numRuns: RUNS,
  })
  // Words from the text, which are likely to match.
  const pairs = cases.flatMap(({ text: whole, from, length }) => {
    const folded = foldForSearch(whole.normalize('NFC'))
    const word = [...folded]
      .slice(from % [...folded].length, (from % [...folded].length) + length)
      .join('')
      .trim()
    return word === '' || /\s/u.test(word) ? [] : [{ folded, word }]
  })
  const rows = await admin`
    select x.folded, x.word, x.folded collate "und-x-icu" ~ all (tw.search_patterns(array[x.word])) as matches,
      terms is null or array_to_tsvector(tw.search_terms(x.folded)) @@ terms as given,
      strpos(x.folded, x.word) > 0 as holds,
      tw.search_is_exact(x.word) as exact
    from json_to_recordset(${JSON.stringify(pairs)}::text::json) x(folded text, word text),
      lateral (select (select string_agg(format('''%s'':*', t), ' & ') from unnest(tw.search_terms(x.word)) t)::tsquery as terms) y`
  const matched = rows.filter((row) => row['matches'] === true)
  expect(matched.length).toBeGreaterThan(pairs.length / 5)
  expect(matched.filter((row) => row['given'] !== true)).toEqual([])
  // For an exact word nothing but the index is compared.
  const exact = rows.filter((row) => row['exact'] === true)
  expect(exact.length).toBeGreaterThan(pairs.length / 5)
  expect(exact.filter((row) => row['given'] !== (row['matches'] === true && row['holds'] === true))).toEqual([])
  // And the index excludes tasks that do not match.
  expect(rows.some((row) => row['matches'] === false && row['given'] === false)).toBe(true)
})

test('only tasks of the space are returned, even if another space has the same terms', async () => {
  const [one, other] = [await addUser(), await addUser()]
  const twin = await addUser(`${randomUUID().slice(0, 24)}${one.slice(24)}`)
  for (const user of [one, other, twin]) await addTasks(user, [`milk of ${user}`])
  expect(await lookedUp(one, ['milk'])).toEqual([`milk of ${one}`])
  expect(await lookedUp(one, ['of'])).toEqual([`milk of ${one}`])
  expect(await lookedUp(one, ['!'])).toEqual([`milk of ${one}`])
})

test('the result is null for too many matches, and for words without a term', async () => {
  const user = await addUser()
  await addTasks(user, ['milk 1', 'milk 2', 'bread'])
  expect(await lookedUp(user, ['mil'], 2)).toEqual(['milk 1', 'milk 2'])
  expect(await lookedUp(user, ['mil'], 1)).toBe(null)
  expect(await lookedUp(user, ['mil', '2'], 1)).toEqual(['milk 2'])
  expect(await lookedUp(user, ['none'], 1)).toEqual([])
  expect(await lookedUp(user, ['🎉'], 1)).toEqual([])
  expect(await lookedUp(user, ['!'], 2)).toBe(null)
  expect(await lookedUp(user, ['!'])).toEqual(['milk 1', 'milk 2', 'bread'])
})

test('a look-up uses its index, even if one space has most of the rows', async () => {
  const user = await addUser()
  await addTasks(
    user,
    Array.from({ length: 20_000 }, (_, n) => `Task ${n}`),
  )
  await admin`vacuum analyze tw.tasks`
  const plan = await plansOf(database, { user }, `select tw.search_locations(array['17'], 2000)`)
  expect(plan).toMatch(/Bitmap Index Scan on tasks_search_idx/)
  expect(plan).not.toMatch(/Index (Only )?Scan using|Seq Scan/)
})
