import type { Refusal } from '@taskwire/client/store'
import { expect, test } from 'vitest'
import { reasonsOf } from './reasons.ts'

const refusal = (appCode: Refusal['appCode'], ...fields: Refusal['fields']): Refusal => ({
  appCode,
  message: 'for developers',
  fields,
})

test('each field of an invalid edit has its reason, and the input that mends it', () => {
  const wrong = refusal(
    'VALIDATION',
    { path: 'changes.title', message: 'is longer than 200 characters; shorten it' },
    { path: 'changes.tags.3', message: 'is empty' },
  )
  expect(reasonsOf({ procedure: 'tasks.update', refusal: wrong })).toEqual([
    { field: 'title', text: 'Title is longer than 200 characters; shorten it.' },
    { field: 'tags', text: 'A tag is empty.' },
  ])
})

test('a deleted list can be replaced, an erased task cannot', () => {
  const noList = refusal('NOT_FOUND', { path: 'listId', message: 'does not exist' })
  expect(reasonsOf({ procedure: 'tasks.create', refusal: noList })).toMatchObject([{ field: 'listId' }])
  const noTask = refusal('NOT_FOUND', { path: 'id', message: 'does not exist' })
  expect(reasonsOf({ procedure: 'tasks.update', refusal: noTask })).toEqual([
    { text: 'The task is gone: it was erased elsewhere.', isFinal: true },
  ])
})

test('a list whose name is taken takes another name', () => {
  expect(reasonsOf({ procedure: 'lists.create', refusal: refusal('ALREADY_EXISTS') })).toEqual([
    { field: 'name', text: 'Another list has this name.' },
  ])
})
