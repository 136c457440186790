import type { List, Task } from '@taskwire/client'
import { expect, test, vi } from 'vitest'
import type { Actions } from '../actions/actions.ts'
import { taskCommands, type TaskContext } from './task-commands.ts'

/** Only what is read. */
const task = (more: Partial<Task> = {}): Task =>
  ({ id: 'a', title: 'Buy milk', complete: false, listId: null, deletedAt: null, tags: [], ...more }) as Task

/** Records what is called. */
function commandsFor(tasks: Task[], more: Partial<TaskContext> = {}) {
  const calls: unknown[] = []
  const record =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args])
      return await Promise.resolve({ id: 'new' })
    }
  // Any action can be called.
  const actions = new Proxy({}, { get: (_, name) => record(String(name)) }) as Actions
  const context = { tasks, siblings: tasks, lists: [], tags: [], today: '2026-11-28', text: '', dues: [] }
  const commands = taskCommands({ ...context, actions, erase: vi.fn<TaskContext['erase']>(), ...more })
  const run = (name: string): unknown => {
    const does = commands.find((command) => command.name === name)?.does
    return typeof does === 'function' ? does() : does
  }
  return { names: commands.map(({ name }) => name), run, calls }
}

test('without tasks there is nothing to do', () => {
  expect(commandsFor([]).names).toEqual([])
})

test('tasks in the trash can only be restored or erased', () => {
  expect(commandsFor([task({ deletedAt: '2026-11-28T00:00:00.000Z' })]).names).toEqual(['Restore', 'Erase for good'])
})

test('tasks that are all complete are reopened, others completed', () => {
  const done = task({ complete: true })
  expect(commandsFor([done]).names).toContain('Reopen')
  expect(commandsFor([done, task()]).names).toContain('Complete')
})

test('a date keeps the time that a task has', () => {
  const all = [task()]
  const { run, calls } = commandsFor(all)
  run('Due tomorrow')
  expect(calls).toEqual([['update', all, { dueDate: '2026-11-29' }]])
})

test('a tag is removed if all tasks have it', () => {
  const tags = [{ tag: 'errand', count: 1 }]
  expect(commandsFor([task({ tags: ['errand'] })], { tags }).names).toContain('Remove the tag errand')
  expect(commandsFor([task({ tags: ['errand'] }), task()], { tags }).names).toContain('Add the tag errand')
})

test('a list or tag that does not exist yet is added', async () => {
  // Only its name is read.
  const lists = [{ id: '1', name: 'Home' } as List]
  const { names, run, calls } = commandsFor([task()], { text: 'Garden', lists })
  expect(names).toContain('Add the new tag Garden')
  await run('Move to the new list Garden')
  expect(calls).toMatchObject([
    ['addList', 'Garden'],
    ['move', [{ id: 'a' }], 'new'],
  ])
  expect(commandsFor([task()], { text: 'home', lists }).names).not.toContain('Move to the new list home')
})

test('a task is moved within its list, but not beyond its ends', () => {
  const siblings = [task(), task({ id: 'b' })]
  const { names, run, calls } = commandsFor([task()], { siblings })
  expect(names).not.toContain('Move up')
  run('Move down')
  expect(calls).toEqual([['place', [task()], null, 'b']])
})
