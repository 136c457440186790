import type { Change, ChangedRows, ChangeOf } from '@taskwire/contract/change'

/**
 * Narrows a Change by its entity, so that `before` and `after` have the fields of its row:
 * `if (isChangeOf(change, 'task')) show(change.after?.title)`.
 */
export function isChangeOf<E extends keyof ChangedRows>(change: Change, entity: E): change is ChangeOf<E> {
  return change.entity === entity
}
