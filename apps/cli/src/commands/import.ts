import { FORMATS, type Format } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { readZone, zoneOfComputer } from '../account-zone.ts'
import { addCommand, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { describe } from '../failure.ts'
import { timeZoneOption } from '../filters.ts'
import { type Reading, readSource, type Source, STDIN } from '../import/read-source.ts'
import { detailsOf, failedResult, type FileResult, groupsOf, resultOf, summaryOf, totalOf } from '../import/report.ts'
import { createUploader, type Uploader } from '../import/upload.ts'
import { createProgress } from '../progress.ts'

interface ImportOptions {
  format?: Format
  timeZone?: string
  details?: boolean | undefined
}

export function addImport(run: Run, program: Command): void {
  addCommand(run, program, 'import', {
    summary: 'Take tasks over from files of other programs',
    more: 'The format is told from what a file holds. Importing a file again adds only what is new in it. What cannot be kept as it is goes to standard error, a line for each kind, losses first.',
    examples: [
      'import todo.txt done.txt',
      'import calendar.ics Tasks.json',
      'import --details todo.txt',
      'import --format taskwarrior export.json',
      'task export | import --format taskwarrior -',
    ],
  })
    .argument('<files...>', 'files, or - for standard input')
    .addOption(new Option('--format <format>', 'what the files are (default: told from each)').choices(FORMATS))
    .addOption(timeZoneOption("of times that name no zone, such as Europe/Berlin (default: the account's)"))
    .option('--details', 'a line for each note, also of tasks that are there already')
    .action(async (files: string[], options: ImportOptions, command: Command) => {
      const { details, format } = options
      const ctx = await start(run, command)
      if (files.includes(STDIN) && format === undefined)
        throw new CliError(`With - say what standard input is: --format ${FORMATS.join('|')}`, EXIT.usage)
      // Before any file is read: without an account nothing can be done with them.
      const reading = { format, timeZone: await zoneOfFiles(ctx, options), now: ctx.io.now() }
      const uploader = createUploader(ctx)
      const results: FileResult[] = []
      for (const file of files) {
        const result = await importFile(ctx, uploader, file, { ...reading, details })
        results.push(result)
        if (result.error !== null) ctx.exitCode = EXIT.failed
        else if (!ctx.json) tell(ctx, result, details)
      }
      if (ctx.json) return ctx.screen.json({ files: results })
      if (files.length > 1) ctx.screen.line(totalOf(results))
      if (!details && results.some((result) => result.notes.length > groupsOf(result).length))
        ctx.screen.note('For a line each, run it again with --details: nothing is imported twice.')
    })
}

/** The zone of times that name none: as told, or the account's, or where a key may not read that, this computer's. */
async function zoneOfFiles(ctx: Context, { timeZone }: ImportOptions): Promise<string> {
  const client = await ctx.client()
  if (timeZone !== undefined) return timeZone
  const zone = await readZone(client)
  if (zone !== undefined) return zone
  const own = zoneOfComputer(ctx.io) ?? 'UTC'
  ctx.screen.note(
    `This key may not read the time zone of the account: times without a zone are taken in ${own}. To say another: --time-zone Europe/Berlin`,
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
    const { message } = describe(error, ctx)
    // An error of the file system has the whole path in place of the name as given.
    const words = error instanceof CliError ? message : `${file}: ${message.slice(message.lastIndexOf(': ') + 2)}`
    ctx.screen.fail(words)
    return failedResult(file, words)
  }
  const progress = createProgress(ctx.io, file)
  try {
    const uploaded = await uploader.upload(file, source.tasks, progress.update)
    progress.stop()
    return resultOf(source, uploaded, details)
  } catch (error) {
    progress.stop()
    // Whatever it was: a part may be there.
    const { message, exitCode } = describe(error, ctx)
    throw new CliError(`${file}: not all of it was imported (import it again to go on): ${message}`, exitCode)
  }
}

function tell({ screen }: Context, result: FileResult, details = false): void {
  screen.line(summaryOf(result))
  for (const { loss, text } of details ? detailsOf(result) : groupsOf(result))
    if (loss === 'lost') screen.warn(text)
    else screen.note(text)
}
