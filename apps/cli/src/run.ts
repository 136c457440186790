import { CommanderError } from 'commander'
import { DEFAULT_URL } from './address.ts'
import { createRun } from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { describe } from './failure.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'
import { createScreen } from './screen.ts'

/** Runs one command line, without the program's name; gives the exit code. Never throws. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const current = createRun(io)
  try {
    await createProgram(current).parseAsync(args, { from: 'user' })
    return current.context?.exitCode ?? EXIT.ok
  } catch (error) {
    // What it has to say it has said.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const place = current.context ?? { url: DEFAULT_URL, program: current.program, io }
    const { message, exitCode } = describe(error, place)
    const screen = current.context?.screen ?? createScreen(io, true)
    if (exitCode !== EXIT.interrupted) screen.fail(message)
    return exitCode
  }
}
