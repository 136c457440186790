import type { Client, Priority, Task, TaskChanges } from '@taskwire/client'
import { nameKey, quoteTitle } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { zoneFor } from '../account-zone.ts'
import { addCommand, inContext, repeatable, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { formatDue, toDue, type When } from '../due.ts'
import { CliError, EXIT } from '../exit.ts'
import { toCliError } from '../failure.ts'
import { priorityOption, timeZoneOption } from '../filters.ts'
import { findTask } from '../find-tasks.ts'
import { shortId } from '../ids.ts'
import { type Destination, findOrCreateList } from '../lists.ts'
import { withNames } from '../named-tasks.ts'
import { printable } from '../screen.ts'
import { editTextOptions, textChanges, type TextEdits } from '../text-fields.ts'
import { dueOption } from './add.ts'

interface EditOptions extends TextEdits {
  title?: string
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
  const command = addCommand(run, program, 'edit', {
    summary: 'Change a task',
    more: 'Fields without an option stay unchanged. --list moves the task in a second step, after the other changes.',
    examples: [
      'edit 1a2b3c4d --title "Buy oat milk"',
      'edit 1a2b3c4d --due tomorrow --priority high --add-tag shop',
      'edit 1a2b3c4d --due 2027-01-31 --all-day',
      'edit 1a2b3c4d --list Garden',
      'edit 1a2b3c4d --clear-due --clear-description',
    ],
  })
    .argument('<id>', 'the id as list shows it, or the full id')
    .option('--title <text>', 'a new title')
  for (const option of editTextOptions()) command.addOption(option)
  command
    .addOption(priorityOption('--priority <priority>', 'a new priority'))
    .addOption(
      repeatable('--tag <tag>', 'replace all its tags with these').conflicts(['addTag', 'removeTag', 'clearTags']),
    )
    .addOption(repeatable('--add-tag <tag>', 'add a tag').conflicts('clearTags'))
    .addOption(repeatable('--remove-tag <tag>', 'remove a tag').conflicts('clearTags'))
    .option('--clear-tags', 'remove all tags')
    .addOption(dueOption('; a date alone keeps the time of the task').conflicts('clearDue'))
    .addOption(new Option('--all-day', 'drop the time of the due date').conflicts('clearDue'))
    .option('--clear-due', 'remove the due date')
    .addOption(timeZoneOption())
    .addOption(new Option('--complete', 'complete it').conflicts('open'))
    .option('--open', 'reopen it')
    .option('--list <name>', 'move it to the end of this list, or to "inbox"')
    .option('--create-list', 'create the list if it does not exist')
    .action(
      inContext(run, async (ctx, id: string, options: EditOptions) => {
        const { list, createList = false } = options
        const client = await ctx.client()
        if (!changesAnything(options))
          throw new CliError(`Name what to change. See: ${ctx.program} edit --help`, EXIT.usage)
        if (options.allDay && options.due?.time)
          throw new CliError(
            '--all-day and a time of day contradict each other: leave out the time, or --all-day.',
            EXIT.usage,
          )
        const before = await findTask(ctx, client, id, {})
        const changes = await changesOf(ctx, client, options, before)
        const destination = list === undefined ? undefined : await findOrCreateList(ctx, client, list, createList)
        // These options depend on the task as it was read, so a change in between is a conflict.
        const dependsOnTask = options.addTag ?? options.removeTag ?? options.allDay
        const expectedRevision = dependsOnTask === undefined ? undefined : before.revision
        const after = await apply(ctx, client, before, { changes, destination, expectedRevision })
        if (ctx.json) return ctx.screen.json((await withNames(client, [after]))[0])
        const outcome = after.revision === before.revision ? 'Unchanged:' : 'Changed'
        const hasNewDue = options.due !== undefined || options.allDay
        const due = hasNewDue && after.due !== null ? `, due ${formatDue(after.due, undefined)}` : ''
        ctx.screen.line(`${outcome} ${ctx.screen.paint('cyan', shortId(after.id))} ${printable(after.title)}${due}`)
      }),
    )
}

function changesAnything({ timeZone: _zone, createList: _create, ...changing }: EditOptions): boolean {
  return Object.keys(changing).length > 0
}

async function changesOf(ctx: Context, client: Client, options: EditOptions, before: Task): Promise<TaskChanges> {
  const { title, priority, complete, open } = options
  return {
    title,
    ...textChanges(options),
    priority,
    tags: tagsOf(options, before.tags),
    ...(await dueChanges(ctx, client, options, before)),
    complete: complete ?? (open ? false : undefined),
  }
}

/** Returns the changes of the due date. A date without a time keeps the time and zone that the task has. */
async function dueChanges(
  ctx: Context,
  client: Client,
  { due: when, allDay, clearDue, timeZone }: EditOptions,
  { due: old }: Task,
): Promise<Pick<TaskChanges, 'due' | 'dueDate'>> {
  if (clearDue) return { due: null }
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
  const removed = new Set(removeTag.map((each) => nameKey(each.trim())))
  return [...before.filter((each) => !removed.has(nameKey(each))), ...addTag]
}

interface Edit {
  changes: TaskChanges
  /** Undefined leaves the task in its list. */
  destination: Destination | undefined
  expectedRevision: number | undefined
}

/**
 * Updates the task, then moves it. These are two mutations, so the second may fail after the first has taken effect.
 */
async function apply(
  ctx: Context,
  client: Client,
  before: Task,
  { changes, destination, expectedRevision }: Edit,
): Promise<Task> {
  const { id } = before
  const done = [...(destination?.done ?? [])]
  let task = before
  try {
    if (Object.values(changes).some((value) => value !== undefined)) {
      task = await client.tasks.update.mutate({ id, changes, expectedRevision })
      done.push('changed the task')
    }
    // A move within its own list would put it at the end.
    if (destination === undefined || destination.listId === before.listId) return task
    return await client.tasks.move.mutate({ id, listId: destination.listId })
  } catch (error) {
    throw toCliError(error, ctx, `Task ${shortId(id)} ${quoteTitle(before.title)}`, done)
  }
}
