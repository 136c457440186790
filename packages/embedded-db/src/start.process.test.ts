import { existsSync } from 'node:fs'
import { readdir, readFile, stat, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { type EmbeddedDatabase, startEmbeddedDatabase } from './index.ts'
import {
  clusterTemplate,
  holdDatabase,
  query,
  serverPid,
  temporaryDirectory,
  until,
  untilServerIsGone,
} from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()

describe('startEmbeddedDatabase', () => {
  it('keeps its rows after a stop and a second start', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    const first = await startEmbeddedDatabase({ directory })
    expectTypeOf(first).toEqualTypeOf<EmbeddedDatabase>()
    expect(first).toMatchObject({ reused: false, directory, version: '18.4' })
    await query(first, `create table kept as select 'élan' as word`)
    await first.stop()
    expect(existsSync(join(directory, 'data/postmaster.pid'))).toBe(false)

    await using second = await startEmbeddedDatabase({ directory })
    expect(second.reused).toBe(false)
    expect(await query(second, 'select upper(word) as word from kept')).toEqual([{ word: 'ÉLAN' }])
  })

  it('keeps files, addresses and password private', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect((await readdir(directory)).toSorted()).toEqual(['data', 'password', 'postgres.log'])
    const modes = ['.', 'password', 'postgres.log'].map(async (name) =>
      ((await stat(join(directory, name))).mode & 0o777).toString(8),
    )
    expect(await Promise.all(modes)).toEqual(['700', '600', '600'])
    expect(
      await query(
        database,
        `select current_setting('listen_addresses') as addresses,
                current_setting('unix_socket_directories') as sockets,
                current_setting('timezone') as zone,
                current_setting('shared_preload_libraries') as preload,
                current_setting('max_connections') as connections`,
      ),
    ).toEqual([{ addresses: '127.0.0.1', sockets: '', zone: 'UTC', preload: '', connections: '200' }])
    const wrong = { adminUrl: database.adminUrl.replace(/:[^:@]+@/, ':wrong@') }
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    const password = (await readFile(join(directory, 'password'), 'utf8')).trim()
    expect(database.adminUrl).toBe(`postgres://postgres:${password}@127.0.0.1:${database.port}/postgres`)
  })

  it.each([
    { durable: true, fsync: 'on' },
    { durable: false, fsync: 'off' },
  ])('durable $durable means fsync $fsync, and settings reach the server', async (expected) => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const { durable, fsync } = expected
    await using database = await startEmbeddedDatabase({
      directory,
      durable,
      settings: { max_connections: '37' },
    })
    const names = `('fsync', 'full_page_writes', 'max_connections')`
    expect(await query(database, `select name, setting from pg_settings where name in ${names} order by 1`)).toEqual([
      { name: 'fsync', setting: fsync },
      { name: 'full_page_writes', setting: fsync },
      { name: 'max_connections', setting: '37' },
    ])
  })

  it('reuses the server of another process and leaves it running', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    await using holder = await holdDatabase({ directory, durable: false })
    const database = await startEmbeddedDatabase({ directory, durable: false })
    expect(database).toMatchObject({ reused: true, port: holder.database.port, version: '18.4' })
    await database.stop()
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('uses another port if its last port is taken', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const first = await startEmbeddedDatabase({ directory, durable: false })
    await first.stop()
    await using otherProcess = createServer().listen(first.port, '127.0.0.1')
    await using second = await startEmbeddedDatabase({ directory, durable: false })
    expect(otherProcess.listening).toBe(true)
    expect(second.port).not.toBe(first.port)
    expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('rotates a large log at the start and while running, and keeps one old log', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const log = join(directory, 'postgres.log')
    await truncate(log, 11 * 1024 * 1024)
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect((await stat(`${log}.1`)).size).toBe(11 * 1024 * 1024)
    expect((await stat(log)).size).toBeLessThan(10_000)

    await truncate(log, 12 * 1024 * 1024)
    await until('the log to be rotated', async () => (await stat(log)).size < 10_000)
    expect((await stat(`${log}.1`)).size).toBe(12 * 1024 * 1024)
    expect((await stat(`${log}.1`)).mode & 0o777).toBe(0o600)
    await expect(query(database, 'select no_such_column')).rejects.toThrow()
    expect(await readFile(log, 'utf8')).toMatch(/^\d{4}-.* ERROR: {2}column "no_such_column" does not exist/)
    expect((await stat(log)).size).toBeLessThan(10_000)
    expect((await readdir(directory)).toSorted()).toEqual(['data', 'password', 'postgres.log', 'postgres.log.1'])
  })

  it('logs no statement and no parameter', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    const sql = postgres(database.adminUrl, { max: 1 })
    await expect(sql`select 1 / ${0}::int as planted_name, ${'planted value'}::text`).rejects.toThrow('by zero')
    await sql.end()
    const log = await readFile(join(directory, 'postgres.log'), 'utf8')
    expect(log).toContain('ERROR:  division by zero')
    expect(log).not.toContain('planted')
  })

  it('stops despite open connections, and stop may be called again', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const database = await startEmbeddedDatabase({ directory, durable: false })
    const pid = await serverPid(directory)
    const sleeper = expect(query(database, 'select pg_sleep(60)')).rejects.toThrow()
    await until('a statement to run', async () => {
      const busy = "select from pg_stat_activity where wait_event = 'PgSleep'"
      return (await query(database, busy)).length === 1
    })
    await Promise.all([database.stop(), database.stop()])
    await sleeper
    await database.stop()
    await database[Symbol.asyncDispose]()
    await untilServerIsGone(directory, pid)
  })

  const debian15 = '/usr/lib/postgresql/15/bin'
  const missing = !existsSync(debian15)
  it.skipIf(missing)(`runs another PostgreSQL${missing ? ` (skipped: no ${debian15})` : ''}`, async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    const options = { directory, durable: false, binDirectory: debian15 }
    await using database = await startEmbeddedDatabase(options)
    expect(database.version).toMatch(/^15\.\d+$/)
    expect(await query(database, `select upper('é') as letter`)).toEqual([{ letter: 'É' }])
  })
})
