import { describe, expect, test } from 'vitest'
import { createWire } from './wire.ts'

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const message = (type: string, body = ''): Buffer =>
  Buffer.concat([Buffer.from(type), int(4 + body.length), Buffer.from(body)])
const startup = Buffer.concat([int(8), int(196_608)])
const READY = message('Z', 'I')

/** Counts the round trips of a conversation. A line begins with `>` if the client sends it, with `<` if the server does. */
function trips(lines: [string, ...Buffer[]][], size = Infinity): number {
  let count = 0
  const wire = createWire(() => count++)
  for (const [way, ...messages] of lines) {
    const bytes = Buffer.concat(messages)
    const read = way === '>' ? wire.frontend : wire.backend
    const given: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) given.push(...read(bytes.subarray(at, at + size)))
    expect(given).toEqual(messages)
  }
  return count
}

const execute = [message('B', 'bind'), message('E', 'execute'), message('S')]
const answer = [message('2'), message('D', 'row'), message('C', 'SELECT 1\0'), READY]
const opening: [string, ...Buffer[]][] = [
  ['>', startup],
  ['<', message('R', 'sasl')],
  ['>', message('p', 'first')],
  ['<', message('R', 'more')],
  ['>', message('p', 'last')],
  ['<', message('R', 'ok'), message('S', 'a\0b\0'), message('K', '12345678'), READY],
]

// In packets of any size, down to single bytes.
describe.each([Infinity, 7, 1])('in packets of %d', (size) => {
  test('a start-up with SCRAM is three round trips', () => {
    expect(trips(opening, size)).toBe(3)
  })

  test('messages sent together are one round trip', () => {
    const whole = [message('Q', 'begin\0'), ...execute, ...execute, message('Q', 'commit\0')]
    expect(trips([...opening, ['>', ...whole], ['<', READY, ...answer, ...answer, READY]], size)).toBe(4)
  })

  test('messages that wait for an answer in between are several round trips', () => {
    const describe = [message('P', 'parse'), message('D', 'describe'), message('H')]
    const lines: [string, ...Buffer[]][] = [
      ...opening,
      ['>', ...describe],
      ['<', message('1'), message('t', 'types')],
      ['>', ...execute],
      ['<', ...answer],
      ['>', message('Q', 'commit\0')],
      ['<', READY],
      ['>', message('X')],
    ]
    expect(trips(lines, size)).toBe(6)
  })

  test('messages up to the next Sync are one round trip, even if an earlier one of them was answered', () => {
    expect(
      trips(
        [...opening, ['>', message('Q', 'begin\0'), message('B')], ['<', READY], ['>', message('S')], ['<', READY]],
        size,
      ),
    ).toBe(4)
  })
})
