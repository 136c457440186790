import { matcher } from '@taskwire/client/store'
import { foldForSearch, searchWords, type Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Every character that this runtime knows and that a text may contain. */
const CHARACTERS = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code > 0 && (code < 0xd800 || code >= 0xe000))
  .map((code) => String.fromCodePoint(code))
  .filter((character) => /\P{Cn}/u.test(character))

test('the store and the database agree on which characters belong to a word', async () => {
  const { client } = await newCaller(service)
  const model: Task = await client.tasks.create.mutate({ title: 'x' })
  const finds = (search: string, title: string): boolean =>
    matcher({ search }, { now: new Date(), timeZone: 'UTC' })({ ...model, title })
  const rows = CHARACTERS.map((character, nr) => {
    const title = `a${character}b`.normalize('NFC')
    return { nr, character, title, folded: foldForSearch(`${title}\n`), words: searchWords(`${character}b`) }
  })
  let newer = 0
  const different: string[] = []
  for (let from = 0; from < rows.length; from += 20_000) {
    const some = rows.slice(from, from + 20_000)
    const found = await service.admin(
      `select r.character collate "und-x-icu" ~ '[[:alnum:]]' as alphanumeric,
         r.folded collate "und-x-icu" ~ all (tw.search_patterns(array['b'])) as begins,
         cardinality(tw.search_patterns(array(select json_array_elements_text(r.words)))) = 0 as anywhere
       from json_to_recordset($1::text::json) r(nr int, character text, folded text, words json)
       order by r.nr`,
      [JSON.stringify(some)],
    )
    for (const [nr, { character, title, words }] of some.entries()) {
      const { alphanumeric, begins, anywhere } = found[nr] ?? {}
      // In the server's Unicode it is not a letter yet.
      if (alphanumeric !== /[\p{L}\p{Nd}]/u.test(character)) newer++
      // The word `b`, after the character; and the word of both, after a letter.
      else if (finds('b', title) !== begins) different.push(`${character} before a word`)
      else if (words.length === 1 && words[0] !== 'b' && finds(`${character}b`, title) !== anywhere)
        different.push(`${character} at the beginning of a word`)
    }
  }
  expect(different).toEqual([])
  // The embedded server has Unicode 10.
  expect(newer).toBeLessThan(25_000)
})
