import { describe, expect, it } from 'vitest'
import { compile, varied } from '../subjects/database/statements.ts'
import { createModel, HEAVY_USER, tokenOf } from '../model.ts'
import { select, type Row } from '../measure/expected-list.ts'
import type { Work } from '../works.ts'
import { createCallSpecs } from './call-specs.ts'
import { conditionsOf, SORTS } from './shapes.ts'

const model = createModel({ users: 1000, tasks: 100_000 }, 1, Date.UTC(2026, 0, 1))

function draw(seed: number, work: Work = 'varied', count = 2000) {
  const specs = createCallSpecs(model, seed)
  return Array.from({ length: count }, () => specs.next(work))
}
const drawn = draw(1).filter((spec) => spec.work === 'varied')

describe('varied', () => {
  it('draws the same lists for the same seed, and different ones for another seed', () => {
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('draws the same users as varied-list, in the same order, and never the first user', () => {
    expect(draw(3, 'varied-list').map((spec) => 'user' in spec && spec.user)).toEqual(
      draw(3).map((spec) => 'user' in spec && spec.user),
    )
    expect(drawn.filter(({ user }) => user.token === tokenOf(HEAVY_USER))).toEqual([])
  })

  it('draws every order, limit, direction and condition, and up to two filters', () => {
    const distinct = (of: (spec: (typeof drawn)[number]) => unknown): number => new Set(drawn.map(of)).size
    expect(distinct(({ sort }) => `${sort.by} ${sort.direction}`)).toBe(2 * SORTS.length)
    expect(distinct(({ limit }) => limit)).toBe(3)
    expect(distinct(({ filter }) => Object.keys(filter).length)).toBe(3)
    expect(new Set(drawn.flatMap(({ filter }) => conditionsOf(filter).names)).size).toBe(9)
  })

  it('has a value for every parameter of its statement', () => {
    for (const { filter, sort } of drawn) {
      const { names, values } = conditionsOf(filter)
      expect(compile(varied(names, sort)).names.toSorted()).toEqual(
        ['user', ...Object.keys(values), 'limit'].toSorted(),
      )
    }
  })
})

describe('the expected list', () => {
  const row = (id: string, changes: Partial<Row> = {}): Row => ({
    id,
    spaceId: 's',
    title: 'a',
    description: null,
    complete: false,
    tags: [],
    tagKeys: [],
    priority: 0,
    listId: null,
    dueDate: null,
    dueAt: null,
    completedAt: null,
    createdAt: 0,
    updatedAt: 0,
    position: '8',
    ...changes,
  })
  const rows = [
    row('1', { dueDate: '2026-01-02', dueAt: 5, title: 'b', priority: 3 }),
    row('2', { dueDate: '2026-01-02', title: 'B', tagKeys: ['home', 'work'] }),
    row('3', { title: 'á', listId: 'l' }),
    row('4', { dueDate: '2026-01-01', complete: true, completedAt: 1 }),
  ]
  const ids = (shape: Parameters<typeof select>[1]): string =>
    select(rows, shape)
      .map(({ id }) => id)
      .join('')

  it.each([
    ['due', 'asc', '4213'],
    ['due', 'desc', '1243'],
    ['completedAt', 'asc', '4123'],
    ['title', 'asc', '4312'],
    ['createdAt', 'desc', '4321'],
  ] as const)('is ordered by %s %s, with missing values last', (by, direction, expected) =>
    expect(ids({ filter: {}, sort: { by, direction }, limit: 10 })).toBe(expected),
  )

  it.each([
    [{ complete: true }, '4'],
    [{ priority: ['high'] }, '1'],
    [{ tags: { all: ['home', 'work'] } }, '2'],
    [{ tags: { any: ['work', 'car'] } }, '2'],
    [{ listId: null }, '124'],
    [{ listId: 'l' }, '3'],
    [{ due: 'none' }, '3'],
    [{ due: { before: '2026-01-02' } }, '4'],
    [{ due: { after: '2026-01-01' } }, '12'],
  ] as const)('is filtered by %j', (filter, expected) =>
    expect(
      ids({
        filter: structuredClone(filter) as Parameters<typeof select>[1]['filter'],
        sort: { by: 'createdAt', direction: 'asc' },
        limit: 10,
      }),
    ).toBe(expected),
  )
})
