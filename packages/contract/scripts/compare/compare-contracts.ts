import { compareInputs, compareOutputs } from './compare-schemas.ts'
import type { Difference, Finding, Kind } from './difference.ts'
import type { Limits, ProcedureSnapshot, Snapshot } from './snapshot.ts'

/** Lists every change since a release that breaks its deployed clients. */
export function compareContracts(released: Snapshot, current: Snapshot): Finding[] {
  const ofProcedures = Object.entries(released.procedures).flatMap(([procedure, before]): Finding[] => {
    const now = current.procedures[procedure]
    if (now === undefined) return [{ procedure, kind: 'removed', path: 'the procedure', what: 'was removed' }]
    return compareProcedures(before, now).map((difference) => ({ procedure, ...difference }))
  })
  return [
    ...ofProcedures,
    ...compareLimits(released.limits, current.limits),
    ...compareErrors(released.errors, current.errors),
    ...compareOpenSets(released.openSets, current.openSets),
  ]
}

export function compareProcedures(released: ProcedureSnapshot, current: ProcedureSnapshot): Difference[] {
  const changed = (kind: Kind, name: 'kind' | 'access' | 'order'): Difference[] => {
    const [before, now] = [released[name], current[name]]
    // A new promise of an order breaks no client.
    if (before === undefined || before === now) return []
    return [{ kind, path: name, what: `was ${before}, and is now ${now ?? 'none'}` }]
  }
  return [
    ...changed('kind-changed', 'kind'),
    ...changed('access-changed', 'access'),
    ...changed('order-changed', 'order'),
    ...compareInputs(released.input, current.input),
    ...compareOutputs(released.output, current.output),
  ]
}

/** These limits are minima, or waits that clients rely on: to raise them breaks clients. */
const TIGHTER_WHEN_RAISED = /min$|heartbeat/i

function compareLimits(released: Limits, current: Limits, path = 'limits'): Difference[] {
  return Object.entries(released).flatMap(([name, before]): Difference[] => {
    const now = current[name]
    const at = `${path}.${name}`
    if (typeof before === 'object') return compareLimits(before, typeof now === 'object' ? now : {}, at)
    if (typeof now !== 'number') return [{ kind: 'removed', path: at, what: 'was removed' }]
    if (now === before) return []
    const what = `was ${before}, and is now ${now}`
    if (name === 'default') return [{ kind: 'default-changed', path: at, what }]
    return now < before === TIGHTER_WHEN_RAISED.test(name) ? [] : [{ kind: 'limit-tightened', path: at, what }]
  })
}

function compareErrors(released: Snapshot['errors'], current: Snapshot['errors']): Difference[] {
  return Object.entries(released).flatMap(([code, before]): Difference[] => {
    const now = current[code]
    if (now === undefined) return [{ kind: 'removed', path: `errors.${code}`, what: 'was removed' }]
    return (['code', 'httpStatus', 'retryable'] as const)
      .filter((name) => now[name] !== before[name])
      .map((name) => ({
        kind: 'error-changed',
        path: `errors.${code}.${name}`,
        what: `was ${before[name]}, and is now ${now[name]}`,
      }))
  })
}

/** New values of an open set break no client: clients ignore them. */
function compareOpenSets(released: Snapshot['openSets'], current: Snapshot['openSets']): Difference[] {
  return Object.entries(released).flatMap(([set, values]) =>
    values
      .filter((value) => current[set]?.includes(value) !== true)
      .map((value): Difference => ({ kind: 'removed', path: `openSets.${set}`, what: `no longer has ${value}` })),
  )
}
