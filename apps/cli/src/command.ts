import { type Command, Option } from 'commander'
import { type Context, createContext, type GlobalOptions } from './context.ts'
import { type Io, programName } from './io.ts'

/** One run of the program. */
export interface Run {
  io: Io
  /** How the user calls this program, for messages. */
  program: string
  /** The context of the command, once it runs. */
  context: Context | undefined
}

export function createRun(io: Io): Run {
  return { io, program: programName(io.env), context: undefined }
}

export interface CommandText {
  summary: string
  /** The description after the summary. */
  more?: string
  /** Command lines without the program's name, which is inserted at the start or after the `|` of a pipe. */
  examples: readonly string[]
}

/** Adds a command to its parent. `usage` is its name and arguments. */
export function addCommand(
  run: Run,
  parent: Command,
  usage: string,
  { summary, more, examples }: CommandText,
): Command {
  const shown = examples.map((example) => `  ${example.replace(/^([^#]*\| )?/u, `$1${run.program} `)}`).join('\n')
  return parent
    .command(usage)
    .summary(summary)
    .description(more === undefined ? `${summary}.` : `${summary}. ${more}`)
    .addHelpText('after', `\nExamples:\n${shown}`)
}

/** The action of a command: calls `work` with the context, and then the arguments and options of the command line. */
export function inContext(
  run: Run,
  work: (ctx: Context, ...args: never[]) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    // commander passes the command last, and the others as the command declares them.
    const command = args.pop() as Command
    run.context = await createContext(run.io, command.optsWithGlobals<GlobalOptions>())
    await work(run.context, ...(args as never[]))
  }
}

/** An option that can be given several times, with any value or with one of `choices`. */
export function repeatable(flags: string, description: string, choices?: readonly string[]): Option {
  const option = new Option(flags, `${description} (repeatable)`)
  if (choices !== undefined) option.choices(choices)
  const { parseArg: check } = option
  return option.argParser((value: string, earlier: string[] | undefined) => {
    check?.(value, undefined)
    return [...new Set([...(earlier ?? []), value])]
  })
}
