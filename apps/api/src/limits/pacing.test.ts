import { expect, test } from 'vitest'
import { pacingFor } from './pacing.ts'

const large = 'x'.repeat(100_000)

test('small bodies, and requests without a body, need no pacing', () => {
  for (const body of [undefined, '', 'x'.repeat(32 * 1024), Buffer.alloc(100_000)])
    expect(pacingFor(body)).toBeUndefined()
})

test('the event loop turns between two pieces of work, whatever the number of large bodies at once', async () => {
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
  // At most two pieces between two timers: one in the turn of the caller, and one after it.
  for (const turn of turnOf) expect(turnOf.filter((other) => other === turn).length).toBeLessThanOrEqual(2)
})
