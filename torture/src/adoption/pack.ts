import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runIn } from '../commit-tree.ts'

/** Packs what is published of a checkout into a directory. */
export async function pack(tree: string, directory: string): Promise<void> {
  await mkdir(directory)
  const dist = `${directory}-server`
  await runOrThrow(tree, process.execPath, ['apps/api/scripts/build.ts', dist])
  await runOrThrow(tree, 'npm', ['pack', '--pack-destination', directory, dist])
  for (const name of ['contract', 'client', 'embedded-db', 'testing'])
    await runOrThrow(join(tree, 'packages', name), 'npx', [
      '-y',
      'pnpm@12.21.0',
      'pack',
      '--pack-destination',
      directory,
    ])
}

/** Sets the version of a checkout. */
export async function setVersion(tree: string, version: string): Promise<void> {
  await runOrThrow(tree, process.execPath, ['scripts/set-version.ts', version])
}

async function runOrThrow(cwd: string, program: string, args: string[]): Promise<void> {
  const { code, output } = await runIn(cwd, program, args)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}: ${output}`)
}
