import type { Client, Priority, Task, TaskChanges } from '@taskwire/client'
import { keyOf, labelOf } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { zoneFor } from '../account-zone.ts'
import { addCommand, repeatable, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { formatDue, toDue, type When } from '../due.ts'
import { CliError, EXIT } from '../exit.ts'
import { about } from '../failure.ts'
import { priorityOption, timeZoneOption } from '../filters.ts'
import { findTask } from '../find-tasks.ts'
import { shortId } from '../ids.ts'
import { listIdFor } from '../lists.ts'
import { withNames } from '../named-tasks.ts'
import { printable } from '../screen.ts'
import { dueOption } from './add.ts'

interface EditOptions {
  title?: string
  description?: string
  clearDescription?: boolean
  priority?: Priority
  tag?: string[]
  addTag?: string[]
  removeTag?: string[]
  clearTags?: boolean
  due?: When
  allDay?: boolean
  clearDue?: boolean
  timeZone?: string
  complete?: boolean
  open?: boolean
  list?: string
  createList?: boolean
}

export function addEdit(run: Run, program: Command): void {
  addCommand(run, program, 'edit', {
    summary: 'Change a task',
    more: 'What is not named stays as it is.',
    examples: [
      'edit 1a2b3c4d --title "Buy oat milk"',
      'edit 1a2b3c4d --due tomorrow --priority high --add-tag shop',
      'edit 1a2b3c4d --due 2027-01-31 --all-day',
      'edit 1a2b3c4d --list Garden',
      'edit 1a2b3c4d --clear-due --clear-description',
    ],
  })
    .argument('<id>', 'its id as list shows it, or a full one')
    .option('--title <text>', 'another title')
    .addOption(new Option('--description <text>', 'another description').conflicts('clearDescription'))
    .option('--clear-description', 'no description')
    .addOption(priorityOption('--priority <priority>', 'how much it matters'))
    .addOption(
      repeatable('--tag <tag>', 'these tags in place of all it has').conflicts(['addTag', 'removeTag', 'clearTags']),
    )
    .addOption(repeatable('--add-tag <tag>', 'one tag more').conflicts('clearTags'))
    .addOption(repeatable('--remove-tag <tag>', 'one tag less').conflicts('clearTags'))
    .option('--clear-tags', 'no tags')
    .addOption(dueOption('; without one, the time that it has stays').conflicts('clearDue'))
    .addOption(new Option('--all-day', 'due on a day, without a time').conflicts('clearDue'))
    .option('--clear-due', 'no due date')
    .addOption(timeZoneOption())
    .addOption(new Option('--complete', 'it is done').conflicts('open'))
    .option('--open', 'it is open again')
    .option('--list <name>', 'move it to the end of this list, or to "inbox"')
    .option('--create-list', 'make the list if there is none of that name')
    .action(async (id: string, options: EditOptions, command: Command) => {
      const ctx = await start(run, command)
      const { list, createList = false } = options
      const client = await ctx.client()
      if (!changesAnything(options))
        throw new CliError(`Nothing to change was named. See: ${ctx.program} edit --help`, EXIT.usage)
      if (options.allDay && options.due?.time)
        throw new CliError('--all-day is for a day without a time: leave out the time, or --all-day.', EXIT.usage)
      const before = await findTask(ctx, client, id, {})
      const changes = await changesOf(ctx, client, options, before)
      const listId = list === undefined ? undefined : await listIdFor(ctx, client, list, createList)
      // What was worked out from what it had has to find it unchanged.
      const isWorkedOut = options.addTag ?? options.removeTag ?? options.allDay
      const seen = isWorkedOut === undefined ? {} : { expectedRevision: before.revision }
      const after = await apply(ctx, client, before, { changes, listId, seen })
      if (ctx.json) return ctx.screen.json((await withNames(client, [after]))[0])
      const said = after.revision === before.revision ? 'Is so already:' : 'Changed'
      const isMoved = options.due !== undefined || options.allDay
      const due = isMoved && after.due !== null ? `, due ${formatDue(after.due, undefined)}` : ''
      ctx.screen.line(`${said} ${ctx.screen.paint('cyan', shortId(after.id))} ${printable(after.title)}${due}`)
    })
}

function changesAnything({ timeZone: _zone, createList: _create, ...changing }: EditOptions): boolean {
  return Object.keys(changing).length > 0
}

async function changesOf(ctx: Context, client: Client, options: EditOptions, before: Task): Promise<TaskChanges> {
  const { title, description, clearDescription, priority, clearDue, complete, open } = options
  const tags = tagsOf(options, before.tags)
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(clearDescription ? { description: null } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(tags === undefined ? {} : { tags }),
    ...(await dueChanges(ctx, client, options, before)),
    ...(clearDue ? { due: null } : {}),
    ...(complete ? { complete: true } : {}),
    ...(open ? { complete: false } : {}),
  }
}

/** A day alone moves the task and keeps its time and zone. */
async function dueChanges(
  ctx: Context,
  client: Client,
  { due: when, allDay, timeZone }: EditOptions,
  { due: old }: Task,
): Promise<Pick<TaskChanges, 'due' | 'dueDate'>> {
  if (when === undefined) {
    if (!allDay) return {}
    if (old === null) throw new CliError('--all-day needs a day: the task has no due date. Add --due.', EXIT.usage)
    return { due: { date: old.date } }
  }
  const due = toDue(when, await zoneFor(client, timeZone, [when]), ctx.io.now())
  return allDay || 'time' in due ? { due } : { dueDate: due.date }
}

function tagsOf({ tag, addTag = [], removeTag = [], clearTags }: EditOptions, before: string[]): string[] | undefined {
  if (clearTags) return []
  if (tag !== undefined) return tag
  if (addTag.length === 0 && removeTag.length === 0) return undefined
  const removed = new Set(removeTag.map((each) => keyOf(each.trim())))
  return [...before.filter((each) => !removed.has(keyOf(each))), ...addTag]
}

interface Edit {
  changes: TaskChanges
  /** Undefined: it stays where it is. */
  listId: string | null | undefined
  seen: { expectedRevision?: number }
}

async function apply(ctx: Context, client: Client, before: Task, { changes, listId, seen }: Edit): Promise<Task> {
  const { id } = before
  try {
    const isChanged = Object.keys(changes).length > 0
    const changed = isChanged ? await client.tasks.update.mutate({ id, changes, ...seen }) : before
    // To move within its own list would put it last.
    return listId === undefined || listId === before.listId ? changed : await client.tasks.move.mutate({ id, listId })
  } catch (error) {
    throw about(`Task ${shortId(id)} ${labelOf(before.title)}`, error, ctx)
  }
}
