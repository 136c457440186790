import { expect, test } from 'vitest'
import { pacingFor } from './pacing.ts'

const large = 'x'.repeat(100_000)

test('bodies that are small, or none, need no turn', () => {
  for (const body of [undefined, '', 'x'.repeat(32 * 1024), Buffer.alloc(100_000)])
    expect(pacingFor(body)).toBeUndefined()
})

test('however many work on large ones at once, the event loop turns between any two pieces of work', async () => {
  let turns = 0
  let timer = setTimeout(function turn() {
    turns++
    timer = setTimeout(turn)
  })
  const turnOf: number[] = []
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const pace = pacingFor(large)
      for (let piece = 0; piece < 3; piece++) {
        await pace?.()
        turnOf.push(turns)
        for (const until = performance.now() + 12; performance.now() < until;);
      }
    }),
  )
  clearTimeout(timer)
  // At most two between two timers: one in the turn of whatever called, and one after it.
  for (const turn of turnOf) expect(turnOf.filter((other) => other === turn).length).toBeLessThanOrEqual(2)
})
