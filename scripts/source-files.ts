import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countTokens } from './tokens.ts'

/** A source file that is not generated. */
export interface SourceFile {
  /** From the root of the repository, such as `packages/db/src/pool.ts`. */
  readonly path: string
  /** Such as `packages/db`. */
  readonly package: string
  readonly isTest: boolean
  readonly lines: number
  /** Without comments. */
  readonly tokens: number
}

const NOT_WRITTEN = [
  '**/node_modules/**',
  '**/dist/**',
  '**/test-fixtures/**',
  'packages/db/migrations/**',
  'packages/db/schema.sql',
  'packages/contract/src/hash.ts',
]
// packages/testing is a package, not a folder of tests.
const TEST = /\.test(-d)?\.ts$|(?<!packages)\/testing\//

/** Reads the TypeScript and SQL of `packages/` and `apps/`, without generated files. */
export function readSourceFiles(root: string): SourceFile[] {
  const paths = globSync('{packages,apps}/**/*.{ts,sql}', { cwd: root, exclude: NOT_WRITTEN })
  return paths.toSorted().map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return {
      path,
      package: path.split('/', 2).join('/'),
      isTest: TEST.test(path),
      lines: text.split('\n').length - 1,
      tokens: countTokens(path, text),
    }
  })
}

/** Returns the number of lines that nine of ten files do not exceed. */
export function ninthDecile(files: readonly SourceFile[]): number {
  const lengths = files.map((file) => file.lines).toSorted((a, b) => a - b)
  return lengths[Math.ceil(lengths.length * 0.9) - 1] ?? 0
}
