import { expect, test } from 'vitest'
import { editOf } from '../../testing/edit-of.ts'
import { taskOf } from '../../testing/task-of.ts'
import type { EditState, Wish } from '../edit.ts'
import { nextEdit } from './send-edits.ts'

const create = (id: string): Wish => ({ procedure: 'tasks.create', input: { id, title: 'x' } })
const rename = (id: string): Wish => ({ procedure: 'tasks.update', input: { id, changes: { title: 'y' } } })
const refused: EditState = { state: 'refused', refusal: { appCode: 'VALIDATION', message: 'no', fields: [] } }

test('edits are sent in order, those that the service has applied aside', () => {
  const first = editOf(create('a'), { order: 1, state: 'applied', revision: 3 })
  const second = editOf(rename('a'), { order: 2 })
  expect(nextEdit([first, second, editOf(create('b'), { order: 3 })])).toBe(second)
  expect(nextEdit([first])).toBeUndefined()
})

test('a refused edit, or one in conflict, holds up those that depend on it, and no others', () => {
  const other = editOf(create('b'), { order: 4 })
  const edits = [editOf(create('a'), { order: 1, ...refused }), editOf(rename('a'), { order: 2 }), other]
  expect(nextEdit(edits)).toBe(other)
  const conflict = editOf(rename('a'), { order: 1, state: 'conflict', fields: [], theirs: taskOf({}) })
  expect(nextEdit([conflict, editOf(rename('a'), { order: 2 })])).toBeUndefined()
})
