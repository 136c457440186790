import { expect, test } from 'vitest'
import { pacingFor } from './pacing.ts'

const large = 'x'.repeat(100_000)

test('small bodies, and requests without a body, need no pacing', () => {
  for (const body of [undefined, '', 'x'.repeat(32 * 1024), Buffer.alloc(100_000)])
    expect(pacingFor(body)).toBeUndefined()
})

test('the event loop continues between pieces of work, however many large bodies are processed at once', async () => {
  let iterations = 0
  let timer = setTimeout(function iterate() {
    iterations++
    timer = setTimeout(iterate)
  })
  const iterationOfPieces: number[] = []
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const pace = pacingFor(large)
      for (let piece = 0; piece < 3; piece++) {
        await pace?.()
        iterationOfPieces.push(iterations)
        for (const until = performance.now() + 12; performance.now() < until;);
      }
    }),
  )
  clearTimeout(timer)
  // At most two pieces per iteration: one before the timer of the iteration, and one after it.
  const counts = Map.groupBy(iterationOfPieces, (iteration) => iteration).values()
  for (const { length } of counts) expect(length).toBeLessThanOrEqual(2)
})
