import { expectTypeOf, test } from 'vitest'
import { type ApiKey, type Change, type ChangeOf, isChangeOf, type List, type Task } from './index.ts'

test('isChangeOf narrows a Change to the fields of its row', () => {
  const change = {} as Change
  if (isChangeOf(change, 'task')) {
    expectTypeOf(change).toEqualTypeOf<ChangeOf<'task'>>()
    expectTypeOf(change.after).toEqualTypeOf<Partial<Task> | null>()
    expectTypeOf(change.before?.due).toEqualTypeOf<Task['due'] | undefined>()
    // @ts-expect-error -- a task has no name
    void change.after?.name
  }
  if (isChangeOf(change, 'list')) expectTypeOf(change.after).toEqualTypeOf<Partial<List> | null>()
  if (isChangeOf(change, 'account')) expectTypeOf(change.after?.timeZone).toEqualTypeOf<string | undefined>()
  if (isChangeOf(change, 'key')) expectTypeOf(change.before?.scopes).toEqualTypeOf<ApiKey['scopes'] | undefined>()
  // @ts-expect-error -- the fields of a webhook are not known
  void isChangeOf(change, 'webhook')
})

test('a Change of an entity that is not known yet has fields of any type', () => {
  const change = {} as Change
  if (!isChangeOf(change, 'task') && !isChangeOf(change, 'list') && !isChangeOf(change, 'account')) {
    if (!isChangeOf(change, 'key')) expectTypeOf(change.after).toEqualTypeOf<Record<string, unknown> | null>()
  }
  expectTypeOf(change.entity).toEqualTypeOf<'task' | 'list' | 'account' | 'key' | (string & {})>()
})

test('a row with a Change merged into it keeps its type', () => {
  const change = {} as Change
  const task = {} as Task
  if (!isChangeOf(change, 'task')) return
  expectTypeOf({ ...task, ...change.after }).toExtend<Task>()
})
