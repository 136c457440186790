import type { TaskSort } from '@taskwire/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readZone } from '../account-zone.ts'
import { addCommand, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../filters.ts'
import { inPlace, nameTasks } from '../named-tasks.ts'
import { readLists, readTasks } from '../pages.ts'
import { printTasks } from '../task-table.ts'

interface ListOptions extends FilterOptions {
  sort?: keyof typeof SORTS
  reverse?: boolean
  limit?: number
}

// Each in the direction that one mostly wants.
const SORTS = {
  place: null,
  due: { by: 'due', direction: 'asc' },
  priority: { by: 'priority', direction: 'desc' },
  title: { by: 'title', direction: 'asc' },
  created: { by: 'createdAt', direction: 'desc' },
  updated: { by: 'updatedAt', direction: 'desc' },
} as const satisfies Record<string, TaskSort | null>

// The contract's own names.
const ALIASES: Record<string, keyof typeof SORTS> = { createdAt: 'created', updatedAt: 'updated', position: 'place' }

function parseSort(value: string): string {
  const sort = ALIASES[value] ?? value
  if (Object.hasOwn(SORTS, sort)) return sort
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(SORTS).join(', ')}.`)
}

/** A whole number from 1. */
export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/u.test(value)) throw new InvalidArgumentError('It is not a whole number from 1.')
  return Number(value)
}

function addListOptions(command: Command): Command {
  return addFilterOptions(command)
    .addOption(
      new Option('--sort <field>', 'the order: by list and place in it, or by a field')
        .choices(Object.keys(SORTS))
        .argParser(parseSort)
        .default('place'),
    )
    .option('--reverse', 'the other way round')
    .addOption(new Option('--limit <count>', 'at most so many').argParser(parseCount))
}

export function addList(run: Run, program: Command): void {
  const command = addCommand(run, program, 'list', {
    summary: 'List tasks: open ones, unless told otherwise',
    more: 'The ID of a task is the end of its full id; other commands take it, or any other beginning or end that only one task has.',
    examples: [
      'list',
      'list --overdue',
      'list --list Garden --tag weekend --sort due',
      'list --done --sort updated --limit 10',
      'list --all --json > tasks.json',
    ],
  }).option('--search <words>', 'with all of these words in title or description')
  addListOptions(command).action(async (options: ListOptions, called: Command) => {
    await list(await start(run, called), options, 'open')
  })
}

export function addSearch(run: Run, program: Command): void {
  const command = addCommand(run, program, 'search', {
    summary: 'Find tasks by words, open and completed',
    more: 'A task is found when each word begins a word of its title or description, whatever the case.',
    examples: ['search milk', 'search call bank --open', 'search report --trash'],
  }).argument('<words...>')
  addListOptions(command).action(async (words: string[], options: ListOptions, called: Command) => {
    await list(await start(run, called), { ...options, search: words.join(' ') }, 'all')
  })
}

async function list(ctx: Context, options: ListOptions, otherwise: 'open' | 'all'): Promise<void> {
  const { screen } = ctx
  const client = await ctx.client()
  const filter = await readFilter(ctx, client, options, otherwise)
  const { limit = Infinity, timeZone } = options
  const sort = SORTS[options.sort ?? 'place']
  // By place every task has to be seen before the first is known; one more tells whether there are others.
  const [found, lists, zone] = await Promise.all([
    readTasks(
      client,
      sort === null
        ? { filter, timeZone }
        : { filter, timeZone, sort: options.reverse ? reverse(sort) : sort, most: limit + 1 },
    ),
    readLists(client),
    ctx.json ? undefined : readZone(client),
  ])
  const placed = sort === null ? inPlace(found, lists) : found
  const tasks = nameTasks(sort === null && options.reverse ? placed.toReversed() : placed, lists)
  const shown = tasks.slice(0, limit)
  if (ctx.json) return screen.json(shown)
  if (shown.length === 0) return screen.note(nothing(ctx, options, otherwise))
  printTasks(ctx, shown, zone)
  if (tasks.length > shown.length) screen.note(`There are more than these ${shown.length}. Raise --limit to see them.`)
}

function reverse({ by, direction }: TaskSort): TaskSort {
  return { by, direction: direction === 'asc' ? 'desc' : 'asc' }
}

function nothing({ program }: Context, options: ListOptions, otherwise: 'open' | 'all'): string {
  const { search, all, done, trash, sort: _sort, ...others } = options
  if (search !== undefined) return `No task has the words "${search}".`
  if (trash) return 'Nothing in the trash.'
  const narrowed = Object.keys(others).length > 0
  if (narrowed) return 'No tasks match.'
  if (done) return 'No completed tasks.'
  return `No ${all || otherwise === 'all' ? '' : 'open '}tasks. Add one: ${program} add "Buy milk"`
}
