import { describe, expect, test } from 'vitest'
import { contractJson } from '../snapshot.ts'
import { mutationsOf } from '../testing/mutations.ts'
import { compareContracts, compareProcedures } from './compare-contracts.ts'
import type { ProcedureSnapshot, Snapshot } from './snapshot.ts'

// Changes the real contract at every place where a kind of change can be made, one at a time.

// contract.json has the shape of a Snapshot.
const contract = JSON.parse(contractJson()) as Snapshot
const procedures = Object.entries(contract.procedures)

function findings(
  released: ProcedureSnapshot,
  side: 'input' | 'output',
  apply: (s: ProcedureSnapshot['input']) => void,
) {
  const current = structuredClone(released)
  apply(current[side])
  return compareProcedures(released, current)
}

test('the contract does not break itself', () => {
  expect(compareContracts(contract, structuredClone(contract))).toEqual([])
})

describe.each(['input', 'output'] as const)('%s', (side) => {
  test.each(procedures)('of %s: every breaking change is found, at every place', (_, procedure) => {
    const mutations = mutationsOf(procedure[side], side, true)
    const missed = mutations.filter(({ apply }) => findings(procedure, side, apply).length === 0)
    expect(missed.map(({ name }) => name)).toEqual([])
  })

  test.each(procedures)('of %s: no addition is reported as a breaking change', (_, procedure) => {
    const mutations = mutationsOf(procedure[side], side, false)
    const wrong = mutations.flatMap(({ name, apply }) => {
      const found = findings(procedure, side, apply)
      return found.length === 0 ? [] : [[name, found]]
    })
    expect(wrong).toEqual([])
  })
})

describe('the rest of the contract', () => {
  const changed = (apply: (copy: Snapshot) => void) => {
    const copy = structuredClone(contract)
    apply(copy)
    return compareContracts(contract, copy)
  }

  test.each(procedures.map(([name]) => name))('%s cannot be removed, or be of another kind or access', (name) => {
    expect(changed((copy) => void delete copy.procedures[name])).toMatchObject([{ procedure: name, kind: 'removed' }])
    const set = (values: Partial<ProcedureSnapshot>) =>
      changed((copy) => void Object.assign(copy.procedures[name] ?? {}, values))
    expect(set({ kind: 'another' })).toMatchObject([{ procedure: name, kind: 'kind-changed' }])
    expect(set({ access: 'another' })).toMatchObject([{ procedure: name, kind: 'access-changed' }])
    expect(set({ summary: 'Another.' })).toEqual([])
    const order = contract.procedures[name]?.order
    expect(set({ order: 'another' })).toMatchObject(
      order === undefined ? [] : [{ procedure: name, kind: 'order-changed' }],
    )
  })

  test('the code and status of an error, and whether a retry helps, cannot change', () => {
    for (const code of Object.keys(contract.errors)) {
      expect(changed((copy) => void delete copy.errors[code])).toMatchObject([{ path: `errors.${code}` }])
      for (const [name, value] of [
        ['code', 'X'],
        ['httpStatus', 1],
        ['retryable', null],
      ] as const)
        expect(changed((copy) => void Object.assign(copy.errors[code] ?? {}, { [name]: value }))).toMatchObject([
          { kind: 'error-changed', path: `errors.${code}.${name}` },
        ])
    }
  })

  test('open sets keep their values, and accept new ones', () => {
    for (const [set, values] of Object.entries(contract.openSets)) {
      expect(changed((copy) => void (copy.openSets[set] = values.slice(1)))).toMatchObject([{ kind: 'removed' }])
      expect(changed((copy) => void copy.openSets[set]?.push('another'))).toEqual([])
    }
  })

  test('a limit may change in one direction only, and a default in neither', () => {
    const paths = (limits: Snapshot['limits']): string[][] =>
      Object.entries(limits).flatMap(([name, limit]) =>
        typeof limit === 'number' ? [[name]] : paths(limit).map((path) => [name, ...path]),
      )
    for (const path of paths(contract.limits)) {
      const by = (step: number) =>
        changed((copy) => {
          const [last = '', ...before] = path.toReversed()
          const owner = before.toReversed().reduce((at, name) => at[name] as Snapshot['limits'], copy.limits)
          owner[last] = Number(owner[last]) + step
        })
      const raisedIsTighter = ['passwordMin', 'streamHeartbeatMs'].includes(path.join('.'))
      const isDefault = path.at(-1) === 'default'
      const found = [by(1), by(-1)].map(([finding]) => finding?.kind)
      const tightened = isDefault ? 'default-changed' : 'limit-tightened'
      expect([path, ...found]).toEqual([
        path,
        isDefault || raisedIsTighter ? tightened : undefined,
        isDefault || !raisedIsTighter ? tightened : undefined,
      ])
    }
  })
})
