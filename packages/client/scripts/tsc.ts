import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const { resolve } = createRequire(import.meta.url)

/** The workspace's compiler, and the last version that was written in TypeScript, which many hosts use. */
export const COMPILERS = ['typescript', 'typescript-5.9'] as const
export type Compiler = (typeof COMPILERS)[number]

/** Runs TypeScript and returns its output. @throws Error with the output if there are type errors. */
export async function tsc(args: readonly string[], compiler: Compiler = 'typescript'): Promise<string> {
  const program = join(resolve(`${compiler}/package.json`), '../bin/tsc')
  try {
    const { stdout } = await run(process.execPath, [program, ...args], { maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    throw new Error(`tsc ${args.join(' ')} found errors:\n${stdout ?? ''}`, { cause: error })
  }
}
