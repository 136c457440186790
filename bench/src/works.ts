import type { Script } from './model.ts'

/** One for each script of the first user's titles. */
const SEARCHES = ['search', 'search-cyrillic', 'search-chinese'] as const

/** The works of the subjects, in the order of the report. */
export const WORKS = ['get', 'list', 'page', ...SEARCHES, 'create', 'update', 'batch', 'mixed', 'handling'] as const
export type Work = (typeof WORKS)[number]

export const DESCRIPTIONS: Record<string, string> & Record<Work, string> = {
  get: 'one task by its id',
  list: 'the first page of 50, newest first',
  page: 'a page of 50 at a random depth of the list of 100 thousand',
  search: 'a word or two among 100 thousand tasks, first 50',
  'search-cyrillic': 'the same for words in Cyrillic',
  'search-chinese': 'the same for words in Chinese',
  create: 'one task',
  update: 'title and priority of one task',
  batch: '10 gets in one request',
  mixed: '50 % get, 30 % list, 10 % create, 10 % update',
  handling: 'a call that does nothing',
  start: 'from the start of the process to the first response',
  feed: 'from a commit to its subscriber',
  adapters: 'a call that does nothing, without and with tRPC’s Fastify adapter',
  'growth-get': 'get with few tasks in the table and with all, over 4 connections',
  'growth-list': 'the same for list',
  'growth-page': 'a page of a long list: the first, the next after a cursor, and a deep one',
  'growth-user': 'the first page of any user, and of the one with the most tasks',
}

export const BATCH = 10
export const PAGE = 50

/** The share of each call in `mixed`, in percent. */
export const MIX: readonly (readonly [Work, number])[] = [
  ['get', 50],
  ['list', 30],
  ['create', 10],
  ['update', 10],
]

/** The script in which a work searches. */
export const SCRIPT_OF: Partial<Record<Work, Script>> = {
  search: 'latin',
  'search-cyrillic': 'cyrillic',
  'search-chinese': 'chinese',
}

/** Connections for heavy works: some subjects read all tasks of the user for them. */
export const FEW = 4

/** Works on the user with the most tasks. */
export const HEAVY: readonly Work[] = ['page', ...SEARCHES]
