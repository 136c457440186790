import { describe, expect, it } from 'vitest'
import { createCallSpecs } from './load/call-specs.ts'
import { createModel, HEAVY_USER, inTrash, SCRIPTS, searchesIn, taskId, userId, userOf, WORDS } from './model.ts'
import { BATCH } from './works.ts'

const model = createModel({ users: 1000, tasks: 100_000 }, 1, Date.UTC(2026, 0, 1))
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/

describe('the model', () => {
  it('assigns every task to an existing user, and many tasks to a few users', () => {
    const counts = new Map<number, number>()
    for (let task = 1; task <= model.tasks; task++)
      counts.set(userOf(model, task), (counts.get(userOf(model, task)) ?? 0) + 1)
    expect(Math.min(...counts.keys())).toBe(HEAVY_USER)
    expect(Math.max(...counts.keys())).toBeLessThanOrEqual(model.users)
    expect(counts.get(HEAVY_USER)).toBe(model.heavyTasks)
    const sorted = [...counts.values()].sort((a, b) => b - a)
    expect(sorted[1]).toBeGreaterThan(10 * (sorted[500] ?? 0))
  })

  it('makes distinct UUIDs; the ids of tasks are in order of creation', () => {
    const ids = Array.from({ length: 1000 }, (_, n) => taskId(model, n + 1))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(ids.toSorted())
    for (const id of [...ids, userId(1), userId(model.users)]) expect(id).toMatch(UUID)
  })

  it.each(SCRIPTS)('has words in %s for which prefix search and substring search find the same tasks', (script) => {
    const { verbs, nouns, between } = WORDS[script]
    for (const words of [verbs, nouns]) expect(new Set(words).size).toBe(words.length)
    for (const verb of verbs)
      for (const noun of nouns)
        for (const word of [...verbs, ...nouns])
          expect(`${verb}${between}${noun}`.includes(word), `${word} in ${verb} ${noun}`).toBe(
            verb.startsWith(word) || noun.startsWith(word),
          )
    expect(
      searchesIn(script)
        .flat()
        .filter((word) => word === ''),
    ).toEqual([])
  })
})

describe('call specs', () => {
  it('depend only on the seed', () => {
    const ten = (seed: number) => {
      const specs = createCallSpecs(model, seed)
      return Array.from({ length: 10 }, () => specs.next('get'))
    }
    expect(ten(1)).toEqual(ten(1))
    expect(ten(1)).not.toEqual(ten(2))
  })

  it('refer only to rows that exist and can be changed', () => {
    const specs = createCallSpecs(model, 3)
    const trashed = new Set(
      Array.from({ length: model.tasks }, (_, n) => n + 1)
        .filter((task) => inTrash(model, task))
        .map((task) => taskId(model, task)),
    )
    for (let n = 0; n < 2000; n++) {
      const update = specs.next('update')
      const create = specs.next('create')
      const batch = specs.next('batch')
      const page = specs.next('page')
      expect(update.work === 'update' && trashed.has(update.id)).toBe(false)
      // The first user gets no new tasks, so that its pages stay at their depths.
      expect(create.work === 'create' && create.user.id).not.toBe(userId(HEAVY_USER))
      expect(batch.work === 'batch' && new Set(batch.ids).size).toBe(BATCH)
      expect(page.work === 'page' && page.depth + 50 <= model.heavyTasks).toBe(true)
    }
  })
})
