/** Imports real files from the folder that TASKWIRE_SAMPLES names. They are not part of the project. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startTestService } from '@taskwire/api/testing'
import type { Task } from '@taskwire/client'
import { FORMATS } from '@taskwire/importers'
import { describe, expect, test } from 'vitest'
import { openAccount } from '../testing/account.ts'

const root = resolve(import.meta.dirname, '../../../..')
const samples = resolve(root, process.env['TASKWIRE_SAMPLES'] ?? '../shared/samples')
const absent = !existsSync(join(samples, 'README.md'))

interface Report {
  files: { imported: number; existing: { total: number }; error: string | null }[]
}

describe.skipIf(absent)(
  `sample files${absent ? ' (skipped: no folder of samples; name one in TASKWIRE_SAMPLES)' : ''}`,
  () => {
    test('all import in one call, and again without changes', async () => {
      await using service = await startTestService()
      await using user = await openAccount(service)
      const folders = FORMATS.filter((format) => existsSync(join(samples, format)))
      const files = (
        await Promise.all(
          folders.map(async (format) =>
            (await readdir(join(samples, format))).map((file) => join(samples, format, file)),
          ),
        )
      ).flat()
      expect(files).not.toEqual([])

      const first = await user.json<Report>('import', ...files)
      expect(first.files.filter(({ error }) => error !== null)).toEqual([])
      const count = first.files.reduce((sum, { imported }) => sum + imported, 0)
      const tasks = await user.json<Task[]>('list', '--all')
      expect(tasks).toHaveLength(count)
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(count)

      const head = await user.head()
      const again = await user.json<Report>('import', ...files)
      expect(again.files.map(({ imported, existing }) => imported + existing.total)).toEqual(
        first.files.map(({ imported, existing }) => imported + existing.total),
      )
      expect(again.files.every(({ imported }) => imported === 0)).toBe(true)
      expect(await user.head()).toBe(head)
    }, 120_000)
  },
)
