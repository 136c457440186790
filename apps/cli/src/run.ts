import { CommanderError } from 'commander'
import { DEFAULT_URL } from './address.ts'
import { createRun } from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { describeError } from './failure.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'
import { createScreen } from './screen.ts'

/** Runs one command line (without the program's name) and returns the exit code. Never throws. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const current = createRun(io)
  try {
    await createProgram(current).parseAsync(args, { from: 'user' })
    return current.context?.exitCode ?? EXIT.ok
  } catch (error) {
    // commander has printed its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const around = current.context ?? { url: DEFAULT_URL, program: current.program, io }
    const { message, exitCode } = describeError(error, around)
    const screen = current.context?.screen ?? createScreen(io, true)
    if (exitCode !== EXIT.interrupted) screen.fail(message)
    return exitCode
  }
}
