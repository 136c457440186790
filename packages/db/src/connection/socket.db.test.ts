import { once } from 'node:events'
import { createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Address } from './address.ts'
import { connectOnce } from './connect.ts'
import { openDatabase } from '../caller-session.ts'
import { openSocket } from './socket.ts'
import { sql, statement } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { startTlsFront, type TlsFront } from '../testing/tls.ts'

let server: TestDatabase
let front: TlsFront
const trusted = getCACertificates()
beforeAll(async () => {
  server = await createTestDatabase()
  front = await startTlsFront(server.app, 'localhost')
})
afterAll(async () => {
  await front[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const long = statement(sql`select length(${'x'.repeat(1_000_000)}) as length`)
const at = (host: string, tls: Address['tls']): Address => ({ ...server.app, host, port: front.port, tls })

test('calls go over TLS, and a connection can be ended at any time', async () => {
  await using database = openDatabase({
    address: at('localhost', 'require'),
    max: 2,
    applicationName: 'test',
    ...PATIENT,
  })
  expect(await database.query(long)).toEqual([{ length: 1_000_000 }])
  // A connection is destroyed without a statement under way, and then, by the deadline, with one.
  await database.pool.use(4000, async (connection) => connection.destroy())
  // The deadline includes opening, so the next connection is opened before.
  await database.pool.ready(30_000)
  const sleeping = database.pool.use(
    100,
    async (connection) => await connection.send(statement(sql`select pg_sleep(600)`)),
  )
  await expect(sleeping).rejects.toMatchObject({ fault: 'timeout' })
  expect(await database.query(long)).toEqual([{ length: 1_000_000 }])
})

test('sslmode=verify-full checks the issuer and the host of the certificate', async () => {
  const call = async (host: string): Promise<unknown> => {
    await using database = openDatabase({
      address: at(host, 'verify'),
      max: 1,
      applicationName: 'test',
      ...PATIENT,
    })
    return await database.query(long)
  }
  const once = async (host: string): Promise<unknown> => {
    await using connection = await connectOnce({ address: at(host, 'verify'), applicationName: 'test' })
    return await connection.sql`select 1 as one`
  }
  await expect(call('localhost')).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
  await expect(once('localhost')).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  setDefaultCACertificates([...trusted, front.certificate])
  try {
    expect(await call('localhost')).toEqual([{ length: 1_000_000 }])
    expect(await once('localhost')).toEqual([{ one: 1 }])
    await expect(call('127.0.0.1')).rejects.toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
    await expect(once('127.0.0.1')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  } finally {
    setDefaultCACertificates(trusted)
  }
})

test.each([
  ['nothing', ''],
  ['that it has no TLS', 'N'],
  ['with more than its consent, added by an attacker in between', 'S\0'],
  ['with an error', 'E'],
])('if the server answers %s, nothing more is sent', async (_, answer) => {
  const received: Buffer[] = []
  const listener = createServer((client) => {
    client.on('error', () => {}).on('data', (bytes: Buffer) => received.push(bytes))
    client.once('data', () => client.end(answer))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  for (const tls of ['require', 'verify'] as const)
    await expect(openSocket({ ...server.app, port, tls }, () => {})).rejects.toThrow(/does not offer TLS/)
  const closed = once(listener, 'close')
  listener.close()
  await closed
  expect(Buffer.concat(received)).toHaveLength(16)
})
