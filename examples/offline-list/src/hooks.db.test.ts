import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, openApp } from './testing/app.ts'
import { hasChromium, whySkipped } from '@taskwire/api/browser-testing'
import type { Scenario } from './testing/hooks/page.tsx'

describe.skipIf(!hasChromium)(`the hooks in a browser${whySkipped}`, () => {
  let app: App
  beforeAll(async () => {
    app = await openApp(join(import.meta.dirname, 'testing/hooks/page.tsx'))
  })
  afterAll(async () => await app[Symbol.asyncDispose]())

  /** Runs a scenario with a new account. */
  async function run(scenario: Scenario): Promise<unknown> {
    const { email, password } = await app.signUp()
    const seen = await app.page.evaluate(async (args) => await globalThis.runScenario(...args), [
      scenario,
      email,
      password,
    ] as const)
    // Also none of React's warnings.
    expect(app.problems).toEqual([])
    return seen
  }

  test('in StrictMode, each hook has one subscription, shows what changes, and leaves nothing behind', async () => {
    expect(await run('allHooks')).toEqual({
      mounted: { timers: 1, subscriptions: 6 },
      after: { timers: 0, subscriptions: 0 },
      mutations: 1,
      isEmpty: true,
    })
  })

  test('a filter that is written in place is queried once, and its value renders only when it changes', async () => {
    expect(await run('filtersInPlace')).toEqual({ renders: 4, queries: 2, values: 1, queriesInTheEnd: 2, needless: 0 })
  })

  test('another filter replaces the subscription, also in a transition', async () => {
    expect(await run('changingFilters')).toEqual({ queries: 3, subscriptions: 1, after: 0 })
  })

  test('a task may be deleted while it is shown', async () => {
    expect(await run('deletions')).toEqual({ empty: 2, after: 0 })
  })

  test('components that use the same query show the same, also if the store changes while they render', async () => {
    expect(await run('tearing')).toEqual({ torn: [], isEmpty: true })
  })

  test('a component that was suspended shows what has changed meanwhile', async () => {
    expect(await run('suspense')).toEqual({ suspended: 0, shown: 1, after: 0 })
  })

  test('in StrictMode, a provider opens one store, and closes it when it unmounts', async () => {
    expect(await run('provider')).toEqual({ mounted: 1, after: 0 })
  })
})
