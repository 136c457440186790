// Runs in the browser: each scenario is a function that the test calls, and that returns what it has seen.
import { allHooks } from './all-hooks.tsx'
import { suspense, tearing } from './concurrent.tsx'
import { deletions } from './deletions.tsx'
import { changingFilters, filtersInPlace } from './filters.tsx'
import { open } from './harness.tsx'
import { provider } from './provider.tsx'

const scenarios = { allHooks, filtersInPlace, changingFilters, deletions, tearing, suspense, provider }
export type Scenario = keyof typeof scenarios

declare global {
  var runScenario: (name: Scenario, email: string, password: string) => Promise<unknown>
}

/** Runs a scenario on the store of an account. */
globalThis.runScenario = async (name, email, password) => {
  const counted = await open(email, password)
  const seen = await scenarios[name](counted)
  await counted.store.close()
  return seen
}
