import type { Client, Priority, TaskFilter } from '@taskwire/client'
import { isTimeZone } from '@taskwire/contract/time-zone'
import { PRIORITIES } from '@taskwire/importers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { zoneFor } from './account-zone.ts'
import { repeatable } from './command.ts'
import type { Context } from './context.ts'
import { parseWhen, toBound, type When } from './due.ts'
import { listIdOf } from './lists.ts'
import { readLists } from './pages.ts'

export interface FilterOptions {
  all?: boolean
  done?: boolean
  open?: boolean
  trash?: boolean
  list?: string[]
  tag?: string[]
  priority?: Priority[]
  dueBefore?: When
  dueAfter?: When
  overdue?: boolean
  search?: string
  timeZone?: string
}

export function timeZoneOption(description = "a zone such as Europe/Berlin (default: the account's)"): Option {
  return new Option('--time-zone <zone>', description).argParser((value: string) => {
    if (isTimeZone(value)) return value
    throw new InvalidArgumentError(
      'Write a name of the IANA database, such as America/Los_Angeles or Europe/Berlin. Abbreviations may mean several zones.',
    )
  })
}

export function priorityOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(PRIORITIES)
}

/** Adds the options that select tasks, except `--search`. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--open', 'open tasks').conflicts(['done', 'all']))
    .addOption(new Option('--done', 'completed tasks').conflicts(['open', 'all']))
    .addOption(new Option('--all', 'open and completed tasks').conflicts(['open', 'done']))
    .option('--trash', 'tasks in the trash; with --all, all other tasks too')
    .addOption(repeatable('--list <name>', 'tasks in this list, or "inbox"; if repeated, in any of the lists'))
    .addOption(repeatable('--tag <tag>', 'tasks with this tag; if repeated, with all of the tags'))
    .addOption(repeatable('--priority <priority>', 'tasks of this priority; if repeated, of any of them', PRIORITIES))
    .addOption(new Option('--due-before <when>', 'due before this date or time').argParser(parseWhen))
    .addOption(new Option('--due-after <when>', 'due after this date or time').argParser(parseWhen))
    .addOption(new Option('--overdue', 'open tasks past their due date').conflicts(['dueBefore', 'dueAfter']))
    .addOption(timeZoneOption())
}

/** Returns the filter for the options. `defaultState` applies without --open, --done, --all and --trash. */
export async function readFilter(
  ctx: Context,
  client: Client,
  options: FilterOptions,
  defaultState: 'open' | 'all',
): Promise<TaskFilter> {
  const { list, tag, priority, dueBefore, dueAfter, overdue, search } = options
  const lists = list === undefined ? [] : await readLists(client)
  const bounds = [dueBefore, dueAfter].filter((when) => when !== undefined)
  const zone = await zoneFor(client, options.timeZone, bounds)
  const now = ctx.io.now()
  const range = { before: dueBefore && toBound(dueBefore, zone, now), after: dueAfter && toBound(dueAfter, zone, now) }
  return {
    ...stateOf(options, defaultState),
    listId: list?.map((name) => listIdOf(lists, name, `See: ${ctx.program} lists`)),
    tags: tag && { all: tag },
    priority,
    search,
    due: overdue ? 'overdue' : bounds.length === 0 ? undefined : range,
  }
}

function stateOf({ all, done, open, trash }: FilterOptions, defaultState: 'open' | 'all'): TaskFilter {
  if (done || open) return { complete: done === true, trash: trash ? 'only' : undefined }
  if (all) return trash ? { trash: 'with' } : {}
  if (trash) return { trash: 'only' }
  return defaultState === 'open' ? { complete: false } : {}
}
