import { LIMITS } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { createStreamLimits } from './stream-limits.ts'

test('streams that are opening count against the limits of their user and of the process', () => {
  const limits = createStreamLimits({ most: LIMITS.streamsPerUser + 2 })
  const reserve = (user: string): DisposableStack => {
    const stream = new DisposableStack()
    limits.reserve(user, stream)
    return stream
  }
  const streams = Array.from({ length: LIMITS.streamsPerUser }, () => reserve('ada'))
  expect(() => reserve('ada')).toThrow(expect.objectContaining({ appCode: 'RATE_LIMITED' }))
  const others = [reserve('ben'), reserve('ben')]
  expect(() => reserve('cleo')).toThrow(expect.objectContaining({ appCode: 'OVERLOADED' }))
  for (const stream of [...streams.splice(0, 1), ...others]) stream.dispose()
  streams.push(reserve('ada'))
  expect(() => reserve('ada')).toThrow(expect.objectContaining({ appCode: 'RATE_LIMITED' }))
  expect(limits.count).toBe(LIMITS.streamsPerUser)
})
