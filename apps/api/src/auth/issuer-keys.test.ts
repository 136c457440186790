import { afterAll, afterEach, expect, test } from 'vitest'
import { startTestIssuer } from '../testing/issuer.ts'
import { createIssuerKeys, type IssuerKeys, type KeyTimes } from './issuer-keys.ts'

const issuer = await startTestIssuer()
const closing = new AbortController()
afterAll(async () => {
  closing.abort()
  await issuer[Symbol.asyncDispose]()
})
const failures: string[] = []
afterEach(() => {
  issuer.answer()
  issuer.requests.length = 0
  failures.length = 0
})

const PATIENT = { cooldownMs: 3_600_000, refreshMs: 3_600_000, timeoutMs: 10_000 }
const keysWith = (times: Partial<KeyTimes> = {}, jwksUrl: string | null = `${issuer.url}/jwks`): IssuerKeys =>
  createIssuerKeys({
    issuer: issuer.url,
    jwksUrl,
    times: { ...PATIENT, ...times },
    signal: closing.signal,
    onFailure: (error) => void failures.push(error instanceof Error ? error.message : String(error)),
  })

/** Returns 'found' if the keys include the token's key, and the error's code or name otherwise. */
async function findFor(keys: IssuerKeys, token: string): Promise<string> {
  const [head = '', payload = '', signature = ''] = token.split('.')
  // The header of a token that the issuer signed.
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid: string }
  try {
    await keys.find(header, { payload, signature, protected: head })
    return 'found'
  } catch (error) {
    return error instanceof Error ? (Reflect.get(error, 'appCode') ?? error.name) : 'thrown'
  }
}

test('the discovery document of the issuer says where the keys are', async () => {
  const keys = keysWith({}, null)
  expect(await findFor(keys, await issuer.sign('a'))).toBe('found')
  expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks'])
})

test.each([
  ['does not name this issuer', { issuer: 'https://other.example.com', jwks_uri: 'https://other.example.com/jwks' }],
  ['names no https URL of keys', { issuer: issuer.url, jwks_uri: 'http://192.0.2.1/jwks' }],
  ['names no https URL of keys', { issuer: issuer.url }],
  ['names no https URL of keys', { issuer: issuer.url, jwks_uri: 'file:///etc/passwd' }],
  ['does not name this issuer', null],
  ['does not name this issuer', []],
])('a discovery document that %s is not used', async (message, document) => {
  issuer.answer((response) => void response.end(JSON.stringify(document)))
  const keys = keysWith({}, null)
  expect(await findFor(keys, await issuer.sign('a'))).toBe('UNAVAILABLE')
  expect(failures).toEqual([`The discovery document ${message}`])
  expect(issuer.requests).toEqual(['/.well-known/openid-configuration'])
})

test('tokens with unknown key ids cause no fetch during the cooldown', async () => {
  const keys = keysWith()
  expect(await findFor(keys, await issuer.sign('a'))).toBe('found')
  const unknown = await Promise.all(
    Array.from(
      { length: 50 },
      async (_, nr) => await findFor(keys, await issuer.sign('a', {}, { kid: `unknown ${nr}` })),
    ),
  )
  expect(new Set(unknown)).toEqual(new Set(['JWKSNoMatchingKey']))
  expect(issuer.requests).toEqual(['/jwks'])
})

test('concurrent tokens with unknown keys share one fetch', async () => {
  const keys = keysWith({ cooldownMs: 0 })
  await keys.load()
  issuer.requests.length = 0
  const { promise: asked, resolve } = Promise.withResolvers<() => void>()
  issuer.answer((response) => resolve(() => void response.end('{"keys":[]}')))
  const token = await issuer.sign('a', {}, { kid: 'unknown' })
  const found = Promise.all(Array.from({ length: 50 }, async () => await findFor(keys, token)))
  const release = await asked
  release()
  expect(new Set(await found)).toEqual(new Set(['JWKSNoMatchingKey']))
  expect(issuer.requests).toEqual(['/jwks'])
})

test('a new key of the issuer is found, and a key that the issuer no longer lists is not', async () => {
  const keys = keysWith({ cooldownMs: 0 })
  const old = await issuer.sign('a')
  expect(await findFor(keys, old)).toBe('found')
  const { version } = keys
  await issuer.rotate({ keepsOld: true })
  expect(await findFor(keys, await issuer.sign('a'))).toBe('found')
  expect(await findFor(keys, old)).toBe('found')
  expect(keys.version).toBe(version + 1)
  await issuer.rotate()
  expect(await findFor(keys, await issuer.sign('a'))).toBe('found')
  expect(await findFor(keys, old)).toBe('JWKSNoMatchingKey')
})

test('keys are fetched again in the background once they are old, and stay in use until then', async () => {
  const keys = keysWith({ cooldownMs: 0, refreshMs: 0 })
  await keys.load()
  const { promise, resolve } = Promise.withResolvers<() => void>()
  issuer.answer((response) => resolve(() => void response.end('{"keys":[]}')))
  const token = await issuer.sign('a')
  // The issuer has not answered yet.
  expect(await findFor(keys, token)).toBe('found')
  const release = await promise
  const { version } = keys
  // From now on the issuer lists another key.
  await issuer.rotate()
  issuer.answer()
  release()
  while (keys.version === version) await new Promise(setImmediate)
  expect(await findFor(keys, token)).toBe('JWKSNoMatchingKey')
})

test.each<[string, Parameters<typeof issuer.answer>[0]]>([
  ['is gone', (response) => void response.destroy()],
  ['does not answer', () => {}],
  ['stops halfway through its reply', (response) => void response.write('{"keys":')],
  ['answers 500', (response) => void response.writeHead(500).end('{"keys":[]}')],
  ['answers garbage', (response) => void response.end('<html>')],
  ['answers null', (response) => void response.end('null')],
  ['answers keys of another form', (response) => void response.end('{"keys":[1]}')],
  [
    'redirects',
    (response, path) =>
      void (path === '/jwks' ? response.writeHead(302, { location: '/elsewhere' }).end() : response.end('{"keys":[]}')),
  ],
])('if the issuer %s, known keys stay in use, and tokens with unknown keys are UNAVAILABLE', async (_what, answer) => {
  const known = keysWith({ cooldownMs: 0, timeoutMs: 200 })
  await known.load()
  const token = await issuer.sign('a')
  issuer.requests.length = 0
  issuer.answer(answer)
  await known.load()
  expect(failures).toHaveLength(1)
  expect(issuer.requests).toEqual(['/jwks'])
  expect(await findFor(known, token)).toBe('found')
  expect(await findFor(known, await issuer.sign('a', {}, { kid: 'unknown' }))).toBe('UNAVAILABLE')
  const unknown = keysWith({ timeoutMs: 200 })
  expect(await findFor(unknown, token)).toBe('UNAVAILABLE')
  // The issuer is not asked again during the cooldown.
  expect(await findFor(unknown, token)).toBe('UNAVAILABLE')
  expect(issuer.requests).toHaveLength(3)
})

test('a reply that never ends is cut off', async () => {
  const keys = keysWith()
  let written = 0
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  issuer.answer((response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536))) written++
    }
    response.on('drain', write).on('close', resolve)
    write()
  })
  expect(await findFor(keys, await issuer.sign('a'))).toBe('UNAVAILABLE')
  expect(failures).toEqual(['The issuer answered more than 262144 bytes'])
  await closed
  // The issuer could write little more than the limit: what the socket buffers hold.
  expect(written).toBeLessThan(400)
})

test('closing aborts a fetch, without a report', async () => {
  const aborting = new AbortController()
  const keys = createIssuerKeys({
    issuer: issuer.url,
    jwksUrl: `${issuer.url}/jwks`,
    times: PATIENT,
    signal: aborting.signal,
    onFailure: () => failures.push('reported'),
  })
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  issuer.answer(() => resolve())
  const loading = keys.load()
  await asked
  aborting.abort()
  await loading
  expect(failures).toEqual([])
})
