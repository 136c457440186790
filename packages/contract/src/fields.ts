/**
 * The fields of tasks and lists that callers set. The types and schemas of the contract, the import and export formats,
 * the command line and the tests are made from these tables or checked against them. This module imports no zod, so
 * that browsers need not load it.
 */
export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** An all-day date, or a wall-clock time in an IANA time zone. */
export type Due =
  | { date: string; time?: undefined; timeZone?: undefined }
  | { date: string; time: string; timeZone: string }

/** The values of each kind of field. A `line` is text without line breaks. */
interface Values {
  line: string
  text: string
  flag: boolean
  priority: Priority
  tags: string[]
  due: Due | null
}
export type Field =
  // `max` is in Unicode code points.
  | { readonly kind: 'line' | 'text'; readonly max: number; readonly nullable?: true }
  | { readonly kind: Exclude<keyof Values, 'line' | 'text'>; readonly nullable?: true }

/** docs/fields.md describes how to add a field. */
export const TASK_FIELDS = {
  title: { kind: 'line', max: 200 },
  description: { kind: 'text', max: 1000, nullable: true },
  complete: { kind: 'flag' },
  priority: { kind: 'priority' },
  tags: { kind: 'tags' },
  due: { kind: 'due' },
} as const satisfies Record<string, Field>

export const LIST_FIELDS = {
  /** Unique in its space, ignoring case. */
  name: { kind: 'line', max: 100 },
} as const satisfies Record<string, Field>

/** The values of the fields in a table. */
export type ContentOf<T extends Record<string, Field>> = {
  -readonly [F in keyof T]: Values[T[F]['kind']] | (T[F] extends { nullable: true } ? null : never)
}
export type TaskContent = ContentOf<typeof TASK_FIELDS>
export type ListContent = ContentOf<typeof LIST_FIELDS>

/** The same fields, each optional. */
export type Optional<Content> = { [F in keyof Content]?: Content[F] | undefined }
