import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { makeTemplate, TEST_SERVER } from './test-database.ts'

/** Starts one PostgreSQL for the whole run: the embedded one, or the one that TASKWIRE_TEST_PG_BIN selects. */
export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-test-'))
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  const server = await startEmbeddedDatabase({
    directory,
    durable: false,
    // The service refuses a server with synchronous_commit off.
    settings: { max_connections: '300', synchronous_commit: 'on' },
    ...(binDirectory === undefined ? {} : { binDirectory }),
  })
  process.stdout.write(`Tests run on PostgreSQL ${server.version}\n`)
  process.env[TEST_SERVER] = server.adminUrl
  await makeTemplate(server.adminUrl)
  return async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
