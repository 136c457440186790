import { join } from 'node:path'

const api = join(import.meta.dirname, '../..')
/**
 * The directory of a build; without it, the source is tested. The vitest project `built` sets it (vitest.config.ts).
 */
const build = process.env['TASKWIRE_TEST_BUILD']
/** The Node that runs the programs, such as the oldest that a build supports. */
const node = process.env['TASKWIRE_TEST_NODE'] ?? process.execPath

/** The command that starts the service with these settings. A build uses the embedded database only when told to. */
export function serviceCommand(env: Readonly<Record<string, string>>): [program: string, ...args: string[]] {
  if (build === undefined) return [process.execPath, join(api, 'src/main.ts')]
  return [node, join(build, 'lib/server.js'), ...('DATABASE_URL' in env ? [] : ['--embedded'])]
}

/** The command taskwire-admin. */
export const adminCommand: [program: string, ...args: string[]] =
  build === undefined ? [process.execPath, join(api, 'src/admin.ts')] : [node, join(build, 'lib/admin.js')]
