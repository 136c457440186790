import { PRIORITIES, type Task, type TaskDraft } from '@taskwire/contract'
import fc from 'fast-check'
import type { Caller } from '../../../testing/caller.ts'
import { content, due, tag } from '../../../testing/model/draws.ts'
import { listAll } from './all-pages.ts'

/** The time zone of the account: not a whole number of hours from UTC, and with summer time. */
export const ACCOUNT_ZONE = 'Pacific/Chatham'

const TASKS = 300

// Letters, digits and marks of many writing systems; characters of writing systems without spaces; symbols, punctuation
// and emoji; and blanks and characters that are invisible. A search treats each of these kinds differently.
const PIECES = [
  ...'a milk Mi É ß ẞ İ ı ø Æ ﬁ Σ ς ὰ ЁЖ и\u0306 дом\u0301 Ա ა Ꮳ 𐐔 𝔘 ª ʼ · Ａ 7 ٣ ½ ² Ⅷ ①'.split(' '),
  ...'שָׁ ם مَ ة ـ हि न् ी தமி ழ் বাং 牛 乳 𠀋 々 〇 を が ー ・ ｶﾞ ㄅ 우유 ᄋ ซื้อ น ลาว ᦑ ដើ ဝယ်'.split(' '),
  ...'_ - . @ % \\ \' " ≠ = + # / € ™ ° 、 。 🎉 ❤️ 👩‍👩‍👧 🇩🇪 1️⃣ 👍🏽'.split(' '),
  ' ',
  ' ',
  ' ',
  ...'\u00a0/\u3000/\u200b/\u00ad/\ufeff/\u{e0061}'.split('/'),
]
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength }).map((pieces) => pieces.join(''))
const title = fc.oneof(
  content.title,
  text(6).filter((line) => line.trim() !== ''),
  // The order of titles takes these as equal.
  fc.constantFrom('tie', 'ti\u200be', 'ti\ufeffe', 'ti\u{e0061}e'),
)
const lines = fc.tuple(text(3), text(3)).map((both) => both.join('\n'))

const drawn = {
  ...content,
  title,
  description: fc.option(fc.oneof(text(12), lines, fc.constant('e\u0308\u0331'))),
  // The order of code points and that of UTF-16 units differ for '！' and '𝔘'.
  tags: fc.array(fc.oneof(tag, fc.constantFrom('！', '𝔘', 'Ꮿ', 'ꮿ', '\u212a')), { maxLength: 6 }),
  due: fc.oneof(
    due,
    due.filter((given) => given?.time !== undefined),
  ),
}

/** Creates tasks of all kinds, and changes some. Returns every task, also those in the trash, and the lists. */
export async function createDrawnTasks(caller: Caller): Promise<{ tasks: Task[]; lists: (string | null)[] }> {
  const { client } = caller
  await client.me.update.mutate({ timeZone: ACCOUNT_ZONE })
  const created = await Promise.all(['One', 'Two', 'Three'].map((name) => client.lists.create.mutate({ name })))
  const lists = [null, ...created.map(({ id }) => id)]
  const drafts: TaskDraft[] = fc.sample(fc.record({ ...drawn, listId: fc.constantFrom(...lists) }), {
    numRuns: TASKS,
    seed: Number(process.env['TASKWIRE_SEED']),
  })
  const ids: string[] = []
  // Several commits, so that times differ, and some tasks have the same times.
  for (let from = 0; from < TASKS; from += 50) {
    const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts.slice(from, from + 50) })
    ids.push(...tasks.map(({ id }) => id))
  }
  const some = (period: number, first: number): string[] => ids.filter((_, at) => at % period === first)
  for (const [at, priority] of PRIORITIES.entries())
    await client.tasks.bulk.mutate({ ids: some(13, at), action: { type: 'update', changes: { priority } } })
  for (const [at, tags] of [['home', 'éa'], ['HOME', 'Σας'], ['hOmE']].entries())
    await client.tasks.bulk.mutate({ ids: some(31, at), action: { type: 'update', changes: { tags } } })
  for (const complete of [true, false])
    await client.tasks.bulk.mutate({ ids: some(11, Number(complete)), action: { type: 'complete', complete } })
  for (const first of [1, 4]) await client.tasks.bulk.mutate({ ids: some(9, first), action: { type: 'delete' } })
  const tasks = await listAll(caller, { filter: { trash: 'with' }, sort: { by: 'createdAt', direction: 'asc' } })
  return { tasks, lists }
}
