import { type Due, PRIORITIES, SORTS, type TaskChanges, type TaskContent, type TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { dateIn } from './time.ts'

// Texts that fold, normalise, compare or split in unusual ways. There are only a few of each, so that they match often.
const TITLES = [
  ['milk', 'Milkshake', ' Café au lait ', 'cafe\u0301', 'ÉCLAIR', 'straße', 'STRASSE', 'İstanbul', 'ıstanbul'],
  ['ΟΔΌΣ', 'οδός', 'bread💡', '💡idea', 'C++ and C#', '#tag', '牛乳を買う', 'naïve_snake', '50%off', "it's", 'a\\b'],
  ['\u2126', '𝔘nicode', 'Zebra', '-x', '10', '9', 'ﬁsh', 'x\u0323\u0307', 'สวัสดี'],
].flat()
const TEXTS = ['two\nlines milk', '', '  blanks  ', 'e\u0301', '\u212b', 'tab\tbed 💡', 'β', ' \r\n']
const SEARCHES = [
  ['milk', 'MILK shake', 'cafe', 'CAFÉ', 'strasse', 'straß', 'istanbul', 'οδοσ', 'ΟΔ', '💡', 'c++', '#', '買う'],
  ['naive', 'snake', '_', '50%', '%', 'it', "'s", 's', '\\', 'line bl', '  ', 'idea', 'right', 'nau', '乳 牛'],
  ['สวัส', 'ดี', 'ω', 'Ω', 'fish', '𝔲', '1', '-'],
].flat()
const TAGS = [
  ['Home', 'home', 'HOME', 'é', 'e\u0301', 'É', 'work', 'Straße', 'STRASSE', 'ΣΑΣ', 'σας', 'σασ', 'İ', 'i\u0307'],
  ['ı', 'I', 'i', '💡'],
].flat()
const NAMES = ['Home', 'home', ' HOME', 'É', 'e\u0301', 'Work', 'ΣΑΣ', 'σας', 'Z', 'a', 'b', 'c', '1', '💡', 'İ']
export const ZONES = [
  ['UTC', 'America/Los_Angeles', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Etc/GMT+12', 'America/St_Johns'],
  ['Australia/Lord_Howe', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia', 'America/Nuuk'],
].flat()
// Days on which clocks change, a day that a zone skips, and the first and last days of the calendar.
const DATES = [
  ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2011-12-30', '2011-12-29', '2026-04-05', '2026-10-04'],
  ['2024-02-29', '0001-01-03', '9999-12-29', '1900-01-01', '2026-03-28', '2030-01-01'],
].flat()
const CLOCKS = ['00:00', '02:30', '02:00', '01:30', '03:00', '23:59', '01:59', '12:00', '23:30', '22:30']

const date = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((days) => dateIn(Date.now() + days * 86_400_000, 'UTC')),
  fc.constantFrom(...DATES),
)
const two = (number: number): string => String(number).padStart(2, '0')
const time = fc.oneof(
  fc.constantFrom(...CLOCKS),
  fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`),
)
export const zone = fc.constantFrom(...ZONES)
export const due: fc.Arbitrary<Due | null> = fc.oneof(
  fc.constant(null),
  fc.record({ date }),
  fc.record({ date, time, timeZone: zone }),
)
export const tag = fc.constantFrom(...TAGS)
export const listName = fc.constantFrom(...NAMES)
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
export const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const title = fc.constantFrom(...TITLES)
export const content = {
  title,
  description: fc.option(fc.constantFrom(...TEXTS)),
  complete: fc.boolean(),
  priority: fc.constantFrom(...PRIORITIES),
  tags: fc.array(tag, { maxLength: 6 }),
  due,
} satisfies { [F in keyof TaskContent]: fc.Arbitrary<TaskContent[F]> }
export const changes: fc.Arbitrary<TaskChanges> = fc
  .oneof(
    { weight: 2, arbitrary: fc.record(content, { requiredKeys: [] }) },
    {
      weight: 1,
      arbitrary: fc.record({ dueDate: date, complete: fc.boolean(), title }, { requiredKeys: ['dueDate'] }),
    },
  )
  .filter((given) => Object.keys(given).length > 0)

const inside = date.filter((one) => one > '0001-01-05' && one < '9999-12-27')
const offset = fc.constantFrom('Z', '+09:00', '-11:30', '.123Z')
const bound = fc.oneof(
  date,
  fc.tuple(inside, time, offset).map(([day, clock, rest]) => `${day}T${clock}:00${rest}`),
)
const tags = fc.array(tag, { minLength: 1, maxLength: 2 })
const dueFilter = fc.oneof(
  fc.constantFrom('none' as const, 'overdue' as const, 'today' as const),
  date.map((on) => ({ on })),
  bound.map((before) => ({ before })),
  bound.map((after) => ({ after })),
  fc.record({ before: bound, after: bound }),
  fc.record({ on: date, after: bound }),
)
const field: fc.Arbitrary<TaskFilter> = fc.oneof(
  fc.constant({}),
  fc.record({ complete: fc.boolean() }),
  fc.record({ priority: fc.subarray([...PRIORITIES], { minLength: 1 }) }),
  tags.map((all) => ({ tags: { all } })),
  tags.map((any) => ({ tags: { any } })),
  fc.record({ due: dueFilter }),
  fc.record({ search: fc.constantFrom(...SEARCHES) }),
)
const trash: fc.Arbitrary<TaskFilter> = fc.record({ trash: fc.constantFrom('without', 'only', 'with') })
/** A filter without `listId`, of few fields, so that it matches some tasks. */
export const filter: fc.Arbitrary<TaskFilter> = fc
  .tuple(field, rarely(field), maybe(trash))
  .map((parts): TaskFilter => Object.assign({}, ...parts))
export const sort = fc.record({
  by: fc.constantFrom(...SORTS),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
})
