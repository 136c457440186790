import { LIMITS } from '@taskwire/contract'
import { type Caller, openDatabase, parseAddress } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { createFeed } from './feed.ts'

// Places are given before anything is asked of the database: it is never connected to.
const address = parseAddress('DATABASE_URL', 'postgres://nobody:nothing@127.0.0.1:1/none')
const database = openDatabase({ address, max: 5, applicationName: 'taskwire-test' })
afterAll(async () => await database.end())

const caller = (name: string): Caller => ({ credential: Buffer.from(name), actingAs: null, spaceId: null })
const nothing = (): void => {}

test('streams of a user that only open take no more places than that user may have', () => {
  const feed = createFeed({
    database,
    keyOf: ({ credential }) => Buffer.from(credential).toString(),
    most: LIMITS.streamsPerUser + 2,
    readsAtOnce: 2,
    events: { onWake: nothing, onWatched: nothing, onNotified: nothing, onRead: nothing },
    log: nothing,
  })
  const open = (name: string): DisposableStack => {
    const place = new DisposableStack()
    feed.takePlace(caller(name), place)
    return place
  }
  const places = Array.from({ length: LIMITS.streamsPerUser }, () => open('ada'))
  expect(() => open('ada')).toThrow(expect.objectContaining({ appCode: 'RATE_LIMITED' }))
  const bens = [open('ben'), open('ben')]
  expect(() => open('cleo')).toThrow(expect.objectContaining({ appCode: 'OVERLOADED' }))
  for (const place of [...places.splice(0, 1), ...bens]) place.dispose()
  places.push(open('ada'))
  expect(() => open('ada')).toThrow(expect.objectContaining({ appCode: 'RATE_LIMITED' }))
  expect(feed.opening).toBe(LIMITS.streamsPerUser)
})
