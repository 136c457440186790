import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../testing/process.ts'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const PAGE = '<!doctype html><title>The page</title>'
const cleanup = new AsyncDisposableStack()
afterAll(async () => await cleanup.disposeAsync())
const directory = cleanup.use(await temporaryDirectory())
await mkdir(join(directory.path, 'assets'))
await writeFile(join(directory.path, 'index.html'), PAGE)
await writeFile(join(directory.path, 'sw.js'), '// the service worker')
await writeFile(join(directory.path, 'assets/page-1a2b.js'), 'run()')
await writeFile(join(directory.path, 'assets/page-1a2b.js.br'), brotliCompressSync('run()'))
const service = cleanup.use(await startTestService({ frontEnd: directory.path }))
const without = cleanup.use(await startTestService({ frontEnd: join(directory.path, 'none') }))

const open = async (path: string, headers = {}, method = 'GET'): ReturnType<typeof send> =>
  await send(service.url, {
    method,
    path,
    headers: { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', ...headers },
  })

test.each(['/', '/today', '/lists/x?task=y', '/index.html'])('a browser that opens %s gets the page', async (path) => {
  const reply = await open(path)
  expect(reply).toMatchObject({ status: 200, text: PAGE })
  expect(reply.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    // The next visit asks whether it has changed.
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  })
  expect(String(reply.headers['content-security-policy'])).toMatch(/^default-src 'none'; script-src 'self';/)
})

test('an unchanged page is not sent again', async () => {
  const { headers } = await open('/')
  expect(await open('/', { 'if-none-match': headers.etag })).toMatchObject({ status: 304, text: '' })
})

test('assets are kept for good; the service worker is not', async () => {
  const asset = await send(service.url, { path: '/assets/page-1a2b.js' })
  expect(asset).toMatchObject({ status: 200, text: 'run()' })
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const worker = await send(service.url, { path: '/sw.js' })
  expect(worker.headers['cache-control']).toBe('no-cache')
})

test('files are sent as they were compressed', async () => {
  const response = await fetch(`${service.url}/assets/page-1a2b.js`, { headers: { 'accept-encoding': 'br' } })
  expect(response.headers.get('content-encoding')).toBe('br')
  expect(await response.text()).toBe('run()')
})

test.each(['/assets/page-old.js', '/trpc', '/auth/none', '/health', '/metrics/none'])(
  'a browser that opens %s, an address of the service, does not get the page',
  async (path) => {
    const { status, text } = await open(path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain('The page')
  },
)

test('a program gets an error in JSON where nothing is served', async () => {
  const reply = await send(service.url, { path: '/today', headers: { accept: 'application/json' } })
  expect(reply).toMatchObject({ status: 404 })
  expect(reply.text).toContain('Nothing is served at this address')
  expect(await send(service.url, { method: 'POST', path: '/today' })).toMatchObject({ status: 404 })
})

test('files outside the directory are not served', async () => {
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json'])
    expect((await send(service.url, { path })).status).toBeGreaterThanOrEqual(400)
})

test('a service without the page says so at its address, and serves calls', async () => {
  const reply = await send(without.url, { path: '/', headers: { accept: 'text/html' } })
  expect(reply).toMatchObject({ status: 404 })
  expect(reply.text).toContain('The front end is not built')
  expect((await send(without.url, { path: '/health/live' })).status).toBe(200)
})
