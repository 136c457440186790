import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './check-out.ts'
import { measure } from './measure.ts'
import { OPERATIONS } from './operations.ts'
import { startSide } from './side.ts'

test('measures both sides of every operation in alternation and leaves nothing running', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-compare-test-'))
  try {
    const { signal } = new AbortController()
    {
      const side = { tree: ROOT, clientOf: ROOT, callers: 2, signal }
      await using before = await startSide({ ...side, directory: join(directory, 'before') })
      await using after = await startSide({ ...side, directory: join(directory, 'after') })
      for (const operation of OPERATIONS) {
        const reported: string[] = []
        const report = (line: string): void => void reported.push(line.replace(`${operation}: `, ''))
        const compared = await measure({ operation, before, after, rounds: 2, roundMs: 20, warmMs: 20, signal, report })
        expect([...compared.before, ...compared.after].map(({ rate }) => rate > 0)).toEqual([true, true, true, true])
        expect(reported).toEqual([
          'warming up before',
          'warming up after',
          'round 1 of 2, before',
          'round 1 of 2, after',
          'round 2 of 2, after',
          'round 2 of 2, before',
        ])
      }
    }
    for (const name of ['before', 'after'])
      await expect(access(join(directory, name, 'database', 'data', 'postmaster.pid'))).rejects.toThrow('ENOENT')
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
})
