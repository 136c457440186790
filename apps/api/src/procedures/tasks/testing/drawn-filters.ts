import { foldForSearch, PRIORITIES, type Task, type TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'

/** The ways in which callers may write the same word. */
const FORMS: ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => word.toLowerCase(),
  (word) => word.normalize('NFD'),
  foldForSearch,
]

/** A part of a text, so that it is likely to be found. It is not split at a surrogate pair, and has no line break. */
function partOf(texts: readonly string[]): fc.Arbitrary<string> {
  const pick = fc.record({ text: fc.constantFrom(...texts), from: fc.nat(30), length: fc.integer({ min: 1, max: 6 }) })
  return fc.tuple(pick, fc.constantFrom(...FORMS)).map(([{ text, from, length }, form]) => {
    const characters = [...text]
    const start = from % characters.length
    return form(
      characters
        .slice(start, start + length)
        .join('')
        .replaceAll(/\s+/gu, ' '),
    )
  })
}

/** A search for parts of the texts of some tasks. */
export function searchOf(tasks: readonly Task[]): fc.Arbitrary<string> {
  const texts = tasks.flatMap(({ title, description }) => [title, description ?? '']).filter((text) => text !== '')
  return fc.array(partOf(texts), { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' '))
}

const LAST_AND_FIRST = ['9999-12-31T23:30:00Z', '0001-01-01T00:30:00Z']

/** Instants at which tasks are due, or a moment later, with an offset and fractions of a second. */
function instantOf(dueAts: readonly string[]): fc.Arbitrary<string> {
  const instants = dueAts.filter((dueAt) => !/^(0001|9999)/.test(dueAt))
  const offset = fc.constantFrom(
    { minutes: 0, text: 'Z' },
    { minutes: 345, text: '+05:45' },
    { minutes: -690, text: '-11:30' },
  )
  const fraction = fc.constantFrom('', '.0', '.0009999999999', '.001', '.9')
  const close = fc.tuple(fc.constantFrom(...instants), offset, fraction)
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...LAST_AND_FIRST) },
    {
      weight: 9,
      arbitrary: close.map(([instant, { minutes, text }, seconds]) => {
        const local = new Date(Date.parse(instant) + minutes * 60_000).toISOString()
        return `${local.slice(0, 19)}${seconds}${text}`
      }),
    },
  )
}

/** Filters by dates and instants at which tasks are due. The date in another zone may be a day before or after. */
export function dueFilterOf(tasks: readonly Task[]): fc.Arbitrary<NonNullable<TaskFilter['due']>> {
  const dueAts = tasks.flatMap(({ dueAt }) => dueAt ?? [])
  const date = fc
    .tuple(fc.constantFrom(...dueAts), fc.integer({ min: -1, max: 1 }))
    .map(([dueAt, days]) => new Date(Date.parse(dueAt) + days * 86_400_000).toISOString().slice(0, 10))
  const bound = fc.oneof(date, instantOf(dueAts))
  return fc.oneof(
    fc.constantFrom('today' as const, 'overdue' as const, 'none' as const),
    date.map((on) => ({ on })),
    bound.map((before) => ({ before })),
    bound.map((after) => ({ after })),
    fc.record({ on: date, before: bound, after: bound }, { requiredKeys: ['after'] }),
  )
}

/**
 * Filters of up to three fields. A field that is added to `TaskFilter` needs an entry here: only what is drawn is
 * compared.
 */
export function filterOf(tasks: readonly Task[], lists: readonly (string | null)[]): fc.Arbitrary<TaskFilter> {
  const listId = fc.constantFrom(...lists, ...lists.map((id) => id?.toUpperCase() ?? null))
  const tag = fc.constantFrom('nowhere', ...tasks.flatMap(({ tags }) => tags))
  const written = fc.oneof(
    tag,
    tag.map((text) => ` ${text.toUpperCase()} `),
    tag.map((text) => text.normalize('NFD')),
  )
  const tags = fc.array(written, { minLength: 1, maxLength: 3 })
  const fields = {
    complete: fc.boolean(),
    priority: fc.subarray([...PRIORITIES], { minLength: 1 }),
    tags: fc.oneof(
      tags.map((all) => ({ all })),
      tags.map((any) => ({ any })),
    ),
    listId: fc.oneof(listId, fc.array(listId, { minLength: 1, maxLength: 3 })),
    due: dueFilterOf(tasks),
    search: searchOf(tasks),
    trash: fc.constantFrom('without' as const, 'only' as const, 'with' as const),
  } satisfies { [F in keyof TaskFilter]-?: fc.Arbitrary<TaskFilter[F]> }
  return fc
    .tuple(fc.record(fields), fc.subarray(Object.keys(fields), { maxLength: 3 }))
    .map(([all, names]): TaskFilter => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))))
}
