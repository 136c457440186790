import { parseArgs, type ParseArgsConfig } from 'node:util'

/** An invalid command line. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Parses a command's options, and one positional argument for each of `names`. Throws if the command line has others.
 */
export function parseArguments<const O extends Options>(
  command: string,
  args: string[],
  names: readonly string[],
  options: O,
) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  if (positionals.length !== names.length)
    throw new UsageError(
      `${command} takes ${names.join(' ') || 'no arguments'}, not ${positionals.join(' ') || 'none'}.`,
    )
  return { values, positionals }
}
