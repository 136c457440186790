import { expect, test } from 'vitest'
import { crossSiteWarning, defaultUrl, ownOrigins } from './origins.ts'

test.each([
  ['127.0.0.1', 'http://localhost:4000'],
  ['127.0.0.53', 'http://localhost:4000'],
  ['localhost', 'http://localhost:4000'],
  ['::1', 'http://localhost:4000'],
  ['0.0.0.0', 'http://localhost:4000'],
  ['::', 'http://localhost:4000'],
  ['192.168.1.5', 'http://192.168.1.5:4000'],
  ['2001:db8::1', 'http://[2001:db8::1]:4000'],
  ['tasks.lan', 'http://tasks.lan:4000'],
])('the default URL for the host %s is %s', (host, url) => {
  expect(defaultUrl(host, 4000)).toBe(url)
})

test('the service has the origin of PUBLIC_URL; on this machine, it has one origin for each name of the machine', () => {
  expect(ownOrigins('https://tasks.example.com/base')).toEqual(['https://tasks.example.com'])
  const here = ['http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000']
  for (const url of here) expect(ownOrigins(url).toSorted()).toEqual(here.toSorted())
  expect(ownOrigins('http://localhost')).toEqual(['http://localhost', 'http://127.0.0.1', 'http://[::1]'])
})

test.each([
  ['https://tasks.example.com', 'https://app.example.com'],
  ['https://tasks.example.com', 'https://example.com:8443'],
  ['https://tasks.example.co.uk', 'https://www.example.co.uk'],
  ['http://localhost:4000', 'http://localhost:5173'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:5173'],
  ['http://[::1]:4000', 'http://[::1]:5173'],
  ['https://api.mine.github.io', 'https://mine.github.io'],
])('%s and %s are on one site', (url, origin) => {
  expect(crossSiteWarning(url, [origin])).toBeUndefined()
})

test.each([
  ['https://tasks.example.com', 'http://app.example.com'],
  ['https://tasks.example.com', 'https://example.org'],
  ['https://one.co.uk', 'https://two.co.uk'],
  ['https://mine.github.io', 'https://theirs.github.io'],
  ['http://localhost:4000', 'http://127.0.0.1:5173'],
  ['http://localhost:4000', 'https://localhost:5173'],
  ['http://127.0.0.1:4000', 'http://127.0.0.2:5173'],
  ['http://localhost:4000', 'http://app.localhost:5173'],
])('%s and %s are on different sites', (url, origin) => {
  const warning = crossSiteWarning(url, [new URL(url).origin, origin])
  expect(warning?.split(': ')[0]).toBe(`Pages of ${origin} cannot use the session cookie`)
  expect(warning).toMatch(/PUBLIC_URL is on .*Authorization: Bearer\.$/)
})
