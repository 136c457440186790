// A build has no npm scripts, but the programs of its package.
const isSource = import.meta.url.endsWith('.ts')

/** The operator's commands, as messages name them. */
export const COMMANDS = isSource
  ? { setup: 'npm run db:setup', migrate: 'npm run db:migrate' }
  : { setup: 'taskwire-admin setup', migrate: 'taskwire-admin migrate' }
