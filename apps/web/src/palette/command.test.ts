import { expect, test } from 'vitest'
import { type Command, findCommands, groupsOf } from './command.ts'

const command = (name: string, page: Command['page'] = 'all', more: Partial<Command> = {}): Command => ({
  id: name,
  name,
  group: name.split(' ')[0] ?? '',
  page,
  does() {},
  ...more,
})
const commands = [
  command('Go to Inbox'),
  command('Go to Today'),
  command('Move to Événements', 'move'),
  command('Due today', 'due'),
  command('Due Friday, 09:00', 'due', { isAnswer: true }),
]
const names = (...args: Parameters<typeof findCommands>): string[] => findCommands(...args).map(({ name }) => name)

test('without words, a page offers its own commands', () => {
  expect(names(commands, 'all', '')).toEqual(['Go to Inbox', 'Go to Today'])
  expect(names(commands, 'move', ' ')).toEqual(['Move to Événements'])
})

test('words find the commands of all pages by the beginnings of words, without case and accents', () => {
  expect(names(commands, 'all', 'EVENE mo')).toEqual(['Move to Événements'])
  expect(names(commands, 'all', 'day')).toEqual([])
})

test('those whose name begins with the words come first', () => {
  expect(names([...commands, command('Today at last')], 'all', 'today')).toEqual([
    'Today at last',
    'Go to Today',
    'Due today',
  ])
})

test('an answer to what was written is offered on its page only, whatever its words', () => {
  expect(names(commands, 'due', 'next week')).toEqual(['Due Friday, 09:00'])
  expect(names(commands, 'all', 'friday')).toEqual([])
})

test('groups are in the order of their first commands', () => {
  const groups = groupsOf([command('b 1'), command('a 1'), command('b 2')])
  expect(groups.map(([group, some]) => [group, some.length])).toEqual([
    ['b', 2],
    ['a', 1],
  ])
})
