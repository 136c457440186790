import type { Script } from './model.ts'

/** One for each writing system of the first user's titles. */
export const SEARCHES = ['search', 'search-cyrillic', 'search-chinese'] as const

/** A work is one kind of call that is measured. These are in the order in which they are measured and reported. */
export const WORKS = [
  'get',
  'list',
  'create',
  'update',
  'handling',
  'varied',
  'page',
  ...SEARCHES,
  'batch',
  'mixed',
] as const
/** `varied-list` requests the first page of `list` for the users of `varied`, to compare the two. */
export type Work = (typeof WORKS)[number] | 'varied-list'

export const DESCRIPTIONS: Record<string, string> & Record<Work, string> = {
  get: 'one task by its id',
  list: 'the first page of 50, newest first',
  varied: 'lists with filters, orders and limits drawn at random, of any user but the first',
  'varied-list': 'the first page of 50, newest first, of the same users',
  page: 'a page of 50 at a random depth of the list of 100 thousand',
  search: 'a word or two among 100 thousand tasks, first 50',
  'search-cyrillic': 'the same for words in Cyrillic',
  'search-chinese': 'the same for words in Chinese',
  create: 'one task',
  update: 'title and priority of one task',
  batch: '10 gets in one request',
  mixed: '50 % get, 30 % list, 10 % create, 10 % update',
  handling: 'a call that does nothing',
  'far-get': 'get with 2 ms more for each round trip between service and database, over 4 connections',
  'far-list': 'the same for list',
  'far-create': 'the same for create',
  start: 'from the start of the process to the first response',
  feed: 'from the response to a create until a subscriber receives its Change',
  adapters: 'a call that does nothing, without and with tRPC’s Fastify adapter',
  'growth-get': 'get with few tasks in the table and with all, over 4 connections',
  'growth-list': 'the same for list',
  'growth-page': 'a page of a long list: the first, the next after a cursor, and a deep one',
  'growth-user': 'the first page of any user, and of the one with the most tasks',
}

/** Milliseconds that a network adds to a round trip between service and database in `far`. */
export const FAR_DELAY_MS = 2
/** The works of `far`. */
export const FAR = ['get', 'list', 'create'] as const satisfies readonly Work[]

/** The side of `varied` that is the plain list of the same users. */
export const VARIED_LIST = 'taskwire-list'

export const BATCH = 10
export const PAGE = 50

/** The share of each call in `mixed`, in percent. */
export const MIX: readonly (readonly [Work, number])[] = [
  ['get', 50],
  ['list', 30],
  ['create', 10],
  ['update', 10],
]

/** The writing system in which a work searches. */
export const SCRIPT_OF: Partial<Record<Work, Script>> = {
  search: 'latin',
  'search-cyrillic': 'cyrillic',
  'search-chinese': 'chinese',
}

/** Connections for heavy works, for which some subjects read all tasks of the user. */
export const FEW = 4

/** Works on the user with the most tasks. */
export const HEAVY: readonly Work[] = ['page', ...SEARCHES]
