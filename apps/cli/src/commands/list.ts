import type { TaskSort } from '@taskwire/client'
import { nameTasks, sortByPlace } from '@taskwire/importers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readZone } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../filters.ts'
import { readLists, readTasks } from '../pages.ts'
import { printTasks } from '../task-table.ts'

interface ListOptions extends FilterOptions {
  sort?: keyof typeof SORTS
  reverse?: boolean
  limit?: number
}

// Each order has its most useful direction.
const SORTS = {
  place: null,
  due: { by: 'due', direction: 'asc' },
  priority: { by: 'priority', direction: 'desc' },
  title: { by: 'title', direction: 'asc' },
  created: { by: 'createdAt', direction: 'desc' },
  updated: { by: 'updatedAt', direction: 'desc' },
} as const satisfies Record<string, TaskSort | null>

// The contract's names of these orders.
const ALIASES: Record<string, keyof typeof SORTS> = { createdAt: 'created', updatedAt: 'updated', position: 'place' }

function parseSort(value: string): string {
  const sort = ALIASES[value] ?? value
  if (Object.hasOwn(SORTS, sort)) return sort
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(SORTS).join(', ')}.`)
}

/** A whole number from 1. */
export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/u.test(value)) throw new InvalidArgumentError('Write a whole number from 1.')
  return Number(value)
}

function addListOptions(command: Command): Command {
  return addFilterOptions(command)
    .addOption(
      new Option('--sort <field>', 'the order: "place" (list by list), or a field')
        .choices(Object.keys(SORTS))
        .argParser(parseSort)
        .default('place'),
    )
    .option('--reverse', 'in reverse order')
    .addOption(new Option('--limit <count>', 'show at most this many').argParser(parseCount))
}

export function addList(run: Run, program: Command): void {
  const command = addCommand(run, program, 'list', {
    summary: 'List tasks; only open ones by default',
    more: 'The column ID shows the end of each id. Other commands take this end, or any beginning or end that fits the id of only one task.',
    examples: [
      'list',
      'list --overdue',
      'list --list Garden --tag weekend --sort due',
      'list --done --sort updated --limit 10',
      'list --all --json > tasks.json',
    ],
  }).option('--search <words>', 'with all of these words in title or description')
  addListOptions(command).action(
    inContext(run, async (ctx, options: ListOptions) => {
      await list(ctx, options, 'open')
    }),
  )
}

export function addSearch(run: Run, program: Command): void {
  const command = addCommand(run, program, 'search', {
    summary: 'Find open and completed tasks by words',
    more: 'A task matches if each word is the beginning of a word in its title or description. Upper and lower case are the same.',
    examples: ['search milk', 'search call bank --open', 'search report --trash'],
  }).argument('<words...>')
  addListOptions(command).action(
    inContext(run, async (ctx, words: string[], options: ListOptions) => {
      await list(ctx, { ...options, search: words.join(' ') }, 'all')
    }),
  )
}

async function list(ctx: Context, options: ListOptions, defaultState: 'open' | 'all'): Promise<void> {
  const { screen } = ctx
  const client = await ctx.client()
  const filter = await readFilter(ctx, client, options, defaultState)
  const { limit = Infinity, timeZone } = options
  const sort = SORTS[options.sort ?? 'place']
  // Sorting by place needs all tasks. Otherwise one more than shown is read, to know whether there are more.
  const [found, lists, zone] = await Promise.all([
    readTasks(
      client,
      sort === null
        ? { filter, timeZone }
        : { filter, timeZone, sort: options.reverse ? reverse(sort) : sort, limit: limit + 1 },
    ),
    readLists(client),
    ctx.json ? undefined : readZone(client),
  ])
  const placed = sort === null ? sortByPlace(found, lists) : found
  const tasks = nameTasks(sort === null && options.reverse ? placed.toReversed() : placed, lists)
  const shown = tasks.slice(0, limit)
  if (ctx.json) return screen.json(shown)
  if (shown.length === 0) return screen.note(emptyMessage(ctx, options, defaultState))
  printTasks(ctx, shown, zone)
  if (tasks.length > shown.length)
    screen.note(`There are more tasks than these ${shown.length}. Raise --limit to see them.`)
}

function reverse({ by, direction }: TaskSort): TaskSort {
  return { by, direction: direction === 'asc' ? 'desc' : 'asc' }
}

function emptyMessage({ program }: Context, options: ListOptions, defaultState: 'open' | 'all'): string {
  const { search, all, done, trash, sort: _sort, ...others } = options
  if (search !== undefined) return `No task has the words "${search}".`
  if (trash) return 'Nothing in the trash.'
  const narrowed = Object.keys(others).length > 0
  if (narrowed) return 'No tasks match.'
  if (done) return 'No completed tasks.'
  return `No ${all || defaultState === 'all' ? '' : 'open '}tasks. Add one: ${program} add "Buy milk"`
}
