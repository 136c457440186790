import { CONTRACT_VERSION } from '@taskwire/contract/version'
import { Command } from 'commander'
import { DEFAULT_URL } from './address.ts'
import type { Run } from './command.ts'
import { addAccount } from './commands/account.ts'
import { addAdd } from './commands/add.ts'
import { addDone, addRestore, addRm } from './commands/change.ts'
import { addCompletion } from './commands/completion.ts'
import { addEdit } from './commands/edit.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addKeys } from './commands/keys.ts'
import { addList, addSearch } from './commands/list.ts'
import { addLists, addTags } from './commands/lists.ts'
import { addLog } from './commands/log.ts'
import { addShow } from './commands/show.ts'
import { addLogin, addLogout, addSignUp, addWhoami } from './commands/sign-in.ts'
import { addUndo } from './commands/undo.ts'
import type { GlobalOptions } from './context.ts'
import { createPaint, printable } from './screen.ts'

const MORE = `
Environment:
  TASKWIRE_URL     URL of the service (default: the URL of the last login, or ${DEFAULT_URL})
  TASKWIRE_TOKEN   token of a session or secret of a key, used instead of the stored login
  TASKWIRE_USER    with a service key: id of the user to act for
  TASKWIRE_SPACE   id of the space to work in (default: your personal space)
  NO_COLOR         no colours

Exit codes:
  0    done
  1    refused by the service, or failed
  2    the command line is wrong
  3    not signed in
  4    no such task, list, key or revision
  5    conflict: changed in the meantime, in the trash, or already there
  130  stopped by Ctrl-C
`

const GROUPS: Record<string, ((run: Run, program: Command) => void)[]> = {
  'Tasks:': [addAdd, addList, addShow, addDone, addEdit, addRm, addRestore, addSearch],
  'Lists, tags and history:': [addLists, addTags, addLog, addUndo],
  'Import and export:': [addImport, addExport],
  'Account:': [addSignUp, addLogin, addLogout, addWhoami, addAccount, addKeys],
  'Shell:': [addCompletion],
}

/** Defines the command line. Nothing is read or opened before a command line is parsed. */
export function createProgram(run: Run): Command {
  const { io } = run
  const program = new Command(run.program)
  program
    .description('Your tasks, on the command line.')
    .version(`taskwire ${CONTRACT_VERSION}`, '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .option('--url <url>', 'URL of the service')
    .option('--json', 'write only JSON to standard output')
    .option('--no-color', 'no colours')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void io.out.write(text),
      writeErr: (text) => void io.err.write(text),
      getOutHelpWidth: () => io.out.columns ?? 80,
      getErrHelpWidth: () => io.err.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => {
        const paint = createPaint(io.env, io.err, program.opts<GlobalOptions>().color !== false)
        write(paint('red', printable(text, { lines: true })))
      },
    })
    .showHelpAfterError('See --help.')
    .exitOverride()
    .addHelpText('after', MORE)
  for (const [heading, adding] of Object.entries(GROUPS)) {
    program.commandsGroup(heading)
    for (const add of adding) add(run, program)
  }
  return program
}
