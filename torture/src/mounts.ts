import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Impossible } from './experiment.ts'

const exec = promisify(execFile)

/** A file system of its own. */
export interface Mount extends AsyncDisposable {
  path: string
}

async function run(why: string, program: string, ...args: string[]): Promise<void> {
  try {
    await exec(program, args)
  } catch (error) {
    throw new Impossible(
      `${why} (${program}: ${error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)})`,
    )
  }
}

async function mount(why: string, ...args: string[]): Promise<Mount> {
  const path = await mkdtemp(join(tmpdir(), 'taskwire-mount-'))
  try {
    await run(why, 'mount', ...args, path)
  } catch (error) {
    await rm(path, { recursive: true })
    throw error
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Lazily: what a killed server still holds goes with it.
      await exec('umount', ['-l', path])
      await rm(path, { recursive: true, force: true })
    },
  }
}

export async function mountMemory(megabytes: number): Promise<Mount> {
  const why = 'a small file system in memory cannot be mounted here; it takes root on Linux'
  return await mount(why, '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs')
}

/** A file with an empty ext4 in it. */
export async function makeImage(file: string, megabytes: number): Promise<void> {
  const handle = await open(file, 'wx')
  await handle.truncate(megabytes * 2 ** 20)
  await handle.close()
  await run('there is no mkfs.ext4 here', 'mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', file)
}

/** Of its own accord it commits its journal every five minutes only: whatever is in the image was asked for. */
export async function mountImage(file: string): Promise<Mount> {
  return await mount('an image cannot be mounted here; it takes root and loop devices', '-o', 'loop,commit=300', file)
}

/** Takes all the space there is; gives it back when it is disposed of. */
export async function fill(directory: string): Promise<AsyncDisposable & { bytes: number }> {
  const file = join(directory, 'ballast')
  const handle = await open(file, 'w')
  let bytes = 0
  try {
    for (const size of [2 ** 20, 4096])
      for (let full = false; !full;)
        try {
          bytes += (await handle.write(Buffer.alloc(size))).bytesWritten
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
          full = true
        }
  } finally {
    await handle.close()
  }
  return { bytes, [Symbol.asyncDispose]: async () => await rm(file, { force: true }) }
}
