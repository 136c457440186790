import { LIST_FIELDS, TASK_FIELDS } from './fields.ts'

/**
 * The limits of the contract. A text field that is added to tasks or lists has its limit in `fields.ts` only. The
 * schemas, the client and front ends read their numbers from here; the database's domains repeat the numbers, and a
 * test compares the two. Lengths are in Unicode code points.
 */
export const LIMITS = {
  title: TASK_FIELDS.title.max,
  description: TASK_FIELDS.description.max,
  listName: LIST_FIELDS.name.max,
  tag: 50,
  tagsPerTask: 10,
  /** Tags that one call may send for a task, before duplicates are merged. */
  tagsSent: 50,
  /** Combining marks in a row in a text: the limit of the Stream-Safe Text Format (UAX #15). */
  marksInARow: 30,
  accountName: 100,
  /** An account's id in the caller's own system. */
  externalId: 200,
  keyName: 100,
  /** Tasks in one `tasks.createMany`, and ids in one `tasks.bulk`. */
  tasksPerCall: 500,
  /** Tasks that one mutation may change. */
  tasksPerMutation: 10_000,
  /** Tasks in the reply of `tasks.bulk`. */
  bulkTasksShown: 500,
  page: { max: 100, default: 50 },
  changesPage: { max: 500, default: 100 },
  /** Rows of all kinds together in one page of `me.export`. */
  exportPage: 1000,
  /** Values in one array of a filter. */
  filterValues: 50,
  search: 200,
  searchWords: 10,
  cursor: 1000,
  passwordMin: 8,
  passwordMax: 128,
  /** Calls in one HTTP request. */
  batch: 50,
  /** Bytes of one request's body. */
  bodyBytes: 4 * 1024 * 1024,
  /** Levels of nesting in one request's JSON. */
  depth: 32,
  /** Values in one request's JSON, counted by commas and brackets. */
  values: 75_000,
  /** Fields of one object in a request's JSON. */
  fields: 200,
  /** Milliseconds that one call may take in the service. */
  callMs: 10_000,
  /** Streams that one user may have open in one process of the service. */
  streamsPerUser: 100,
  /** Milliseconds after which an idle stream sends `head`, so that proxies keep it open. */
  streamHeartbeatMs: 15_000,
} as const
