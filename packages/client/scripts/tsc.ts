import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')

/** Runs the workspace's TypeScript and returns its output. @throws Error with the output if there are type errors. */
export async function tsc(...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(process.execPath, [compiler, ...args], { maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    throw new Error(`tsc ${args.join(' ')} found errors:\n${stdout ?? ''}`, { cause: error })
  }
}
