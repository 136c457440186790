import { describe, expect, it } from 'vitest'
import { createRandom } from '../load/random.ts'
import { readOptions, type Options } from '../options.ts'
import { createBudget, describePlan, estimateMs, type Pace, planOf, roundsThatFit, subjectsOf } from './plan.ts'

function optionsOf(...args: string[]): Options {
  const options = readOptions(args)
  if (options === 'help') throw new Error('no options')
  return options
}
const quick = optionsOf('--quick')
const planned = planOf(quick)
const pace: Pace = { rounds: 3, warmMs: 1500, runMs: 2000, warmLimitMs: 20_000 }

describe('the plan', () => {
  it('measures peers in --quick at get, list, create, update, handling and far only', () => {
    const withPeers = planned.filter(({ sides }) => sides.includes('nest')).map(({ work }) => work)
    expect(withPeers).toEqual(['get', 'list', 'create', 'update', 'handling', 'far-get', 'far-list', 'far-create'])
  })

  it('measures every subject at a work that --work requests', () => {
    const options = optionsOf('--quick', '--work', 'page')
    expect(subjectsOf('page', options)).toEqual(options.subjects)
  })

  it('compares varied with the list of the same users', () => {
    const { sides } = planned.find(({ work }) => work === 'varied') ?? { sides: [] }
    expect(sides).toEqual(['floor', 'taskwire', 'taskwire-list'])
  })

  it('estimates that --quick ends in 20 minutes, with all rounds and 3 minutes for the rest', () => {
    expect(estimateMs(planned, quick)).toBeLessThan(17 * 60_000)
    const text = describePlan(planned, quick).join('\n')
    expect(text).toMatch(/Estimate: 1\d\.\d minutes/)
    expect(text).toContain('Not in the estimate: start.')
  })
})

describe('rounds', () => {
  it.each([
    [3, Number.POSITIVE_INFINITY],
    [3, estimateMs(planned, pace)],
    [2, estimateMs(planned, pace) - 1],
    [1, 0],
  ])('are %i with %d ms left', (rounds, leftMs) => expect(roundsThatFit(planned, pace, leftMs)).toBe(rounds))
})

/** Simulates the plan with random warm-ups; returns when it ended, the rounds of each work, and each warm-up. */
function simulate(endMs: number, warmMs: () => number): { atMs: number; rounds: number[]; warmed: number[] } {
  let atMs = 0
  const budget = createBudget(planned, pace, endMs, () => atMs)
  const rounds: number[] = []
  const warmed: number[] = []
  for (const { work, sides } of planned) {
    if (!budget.begin(work, sides.length)) continue
    for (let cold = sides.length; cold > 0; cold--) {
      warmed.push(Math.min(budget.warmLimitMs(cold), warmMs()))
      atMs += warmed.at(-1) ?? 0
    }
    let round = 0
    while (round < pace.rounds && (round === 0 || budget.hasTimeForRound())) {
      atMs += sides.length * (pace.warmMs + pace.runMs + 100)
      round++
    }
    rounds.push(round)
  }
  return { atMs, rounds, warmed }
}

describe('the budget', () => {
  it('allows every round and the longest warm-up if there is no time limit', () => {
    const { rounds, warmed } = simulate(Number.POSITIVE_INFINITY, () => 60_000)
    expect(new Set(rounds)).toEqual(new Set([3]))
    expect(new Set(warmed)).toEqual(new Set([20_000]))
  })

  it('ends in time with at least one round of every work, for random warm-ups', () => {
    const random = createRandom(20_261_122)
    for (let n = 0; n < 200; n++) {
      const endMs = 700_000 + 400_000 * random()
      const { atMs, rounds, warmed } = simulate(endMs, () => 3000 + 40_000 * random())
      expect(atMs).toBeLessThanOrEqual(endMs)
      expect(rounds).toHaveLength(planned.length)
      expect(Math.min(...warmed)).toBeGreaterThanOrEqual(3000)
    }
  })

  it('leaves out works for which there is no time', () => {
    const { atMs, rounds } = simulate(100_000, () => 20_000)
    expect(rounds.length).toBeLessThan(planned.length)
    expect(atMs).toBeLessThanOrEqual(100_000)
  })
})
