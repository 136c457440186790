import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Tests draw the same random values in every run, so that a failure is caused by the change. Another TASKWIRE_SEED
// draws other values. The experiments have seeds of their own.
process.env['TASKWIRE_SEED'] ??= '20261122'

/** Where the build is installed that the project `built` tests. */
const BUILD = join(tmpdir(), `taskwire-build-${process.pid}`, 'node_modules/@taskwire/server')

const ignored = ['**/node_modules/**', '**/dist/**']
// The front end does not know which PostgreSQL there is: its tests run once.
const ofOtherPostgres = process.env['TASKWIRE_TEST_PG_BIN'] === undefined ? [] : ['apps/web/**']

/**
 * Names say what a test needs: `*.test.ts` nothing but the code, `*.db.test.ts` a database of its own
 * on the run's PostgreSQL, `*.process.test.ts` servers that it starts and kills itself.
 */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          // They share no state: a worker keeps the modules that it has loaded.
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.db.test.ts', '**/*.process.test.ts'],
          typecheck: { enabled: true, include: ['**/*.test-d.ts'], tsconfig: './tsconfig.types.json', checker: 'tsc' },
        },
      },
      {
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: [...ignored, ...ofOtherPostgres],
          globalSetup: ['packages/db/src/testing/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 90_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'process',
          include: ['**/*.process.test.ts'],
          exclude: ignored,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Each starts servers of its own.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // The service's tests of processes again, with the programs of the build.
        test: {
          name: 'built',
          include: ['apps/api/src/**/*.process.test.ts'],
          // Allocations are measured on the pinned Node.
          exclude: [...ignored, 'apps/api/src/{npm-start,allocations}.process.test.ts'],
          env: { TASKWIRE_TEST_BUILD: BUILD },
          globalSetup: ['apps/api/scripts/build-for-tests.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
