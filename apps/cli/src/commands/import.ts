import { FORMATS, type Format, type Uploader } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { readZone, zoneOfComputer } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { describeError } from '../failure.ts'
import { timeZoneOption } from '../filters.ts'
import { type Reading, readSource, type Source, STDIN } from '../import/read-source.ts'
import {
  detailsOf,
  failedResult,
  type FileResult,
  groupsOf,
  namesakeOf,
  resultOf,
  summaryOf,
  totalOf,
} from '../import/report.ts'
import { createAccountUploader } from '../import/upload.ts'
import { createProgress } from '../progress.ts'

interface ImportOptions {
  format?: Format
  timeZone?: string
  details?: boolean | undefined
}

export function addImport(run: Run, program: Command): void {
  addCommand(run, program, 'import', {
    summary: 'Import tasks from files of other programs',
    more: 'The format is recognised from the content of a file. Importing a file again adds only what is new in it. A Todoist file becomes a list with the name of the file. Anything that cannot be kept unchanged is reported on standard error, one line for each kind, losses first.',
    examples: [
      'import todo.txt done.txt',
      'import calendar.ics Tasks.json',
      'import --details todo.txt',
      'import --format taskwarrior export.json',
      'task export | import --format taskwarrior -',
    ],
  })
    .argument('<files...>', 'the files, or - for standard input')
    .addOption(
      new Option('--format <format>', 'the format of the files (default: recognised for each)').choices(FORMATS),
    )
    .addOption(timeZoneOption("the zone of times without a zone, such as Europe/Berlin (default: the account's)"))
    .option('--details', 'print one line for each note, also on tasks that exist already')
    .action(
      inContext(run, async (ctx, files: string[], options: ImportOptions) => {
        const { details, format } = options
        if (files.includes(STDIN) && format === undefined)
          throw new CliError(`Name the format of standard input: --format ${FORMATS.join('|')}`, EXIT.usage)
        // The zone is read first, so that the command fails at once if nobody is signed in.
        const reading = { format, timeZone: await zoneOfFiles(ctx, options), now: ctx.io.now() }
        const uploader = createAccountUploader(ctx)
        const results: FileResult[] = []
        for (const file of files) {
          const result = await importFile(ctx, uploader, file, { ...reading, details })
          results.push(result)
          if (result.error !== null) ctx.exitCode = EXIT.failed
        }
        if (ctx.json) return ctx.screen.json({ files: results })
        if (files.length > 1) ctx.screen.line(totalOf(results))
        if (!details && results.some((result) => result.notes.length > groupsOf(result).length))
          ctx.screen.note('For one line per note, run it again with --details: nothing is imported twice.')
      }),
    )
}

/**
 * Returns the zone of times without a zone: --time-zone, the account's, or this computer's if the account is
 * unreadable.
 */
async function zoneOfFiles(ctx: Context, { timeZone }: ImportOptions): Promise<string> {
  const client = await ctx.client()
  if (timeZone !== undefined) return timeZone
  const zone = await readZone(client)
  if (zone !== undefined) return zone
  const own = zoneOfComputer(ctx.io) ?? 'UTC'
  ctx.screen.note(
    `This key cannot read the account's time zone, so times without a zone are read in ${own}. For another zone add: --time-zone Europe/Berlin`,
  )
  return own
}

async function importFile(
  ctx: Context,
  uploader: Uploader,
  file: string,
  { details, ...reading }: Reading & Pick<ImportOptions, 'details'>,
): Promise<FileResult> {
  let source: Source
  try {
    source = await readSource(ctx.io, file, reading)
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.usage) throw error
    const { message } = describeError(error, ctx)
    // The message of a file system error begins with the absolute path instead of the name as given.
    const text = error instanceof CliError ? message : `${file}: ${message.slice(message.lastIndexOf(': ') + 2)}`
    ctx.screen.fail(text)
    return failedResult(file, text)
  }
  const progress = createProgress(ctx.io, file)
  try {
    const uploaded = await uploader.upload(file, source.tasks, progress.update)
    progress.stop()
    const result = resultOf(source, uploaded, details)
    if (!ctx.json) printResult(ctx, result, { details, namesake: namesakeOf(source, uploaded) })
    return result
  } catch (error) {
    progress.stop()
    // Earlier calls may have imported a part of the file.
    const { message, exitCode } = describeError(error, ctx)
    throw new CliError(`${file}: not all of it was imported (import it again to go on): ${message}`, exitCode)
  }
}

function printResult(
  { screen }: Context,
  result: FileResult,
  { details = false, namesake }: Pick<ImportOptions, 'details'> & { namesake: string | undefined },
): void {
  screen.line(summaryOf(result))
  if (namesake !== undefined)
    screen.note(`${result.file}: its tasks are in the list "${namesake}", named after the file`)
  for (const { loss, text } of details ? detailsOf(result) : groupsOf(result))
    if (loss === 'lost') screen.warn(text)
    else screen.note(text)
}
