import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Impossible } from './experiment.ts'

const exec = promisify(execFile)

/** A file system that is mounted for an experiment. */
export interface Mount extends AsyncDisposable {
  path: string
}

async function runOrImpossible(reason: string, program: string, ...args: string[]): Promise<void> {
  try {
    await exec(program, args)
  } catch (error) {
    throw new Impossible(
      `${reason} (${program}: ${error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)})`,
    )
  }
}

async function mount(reason: string, ...args: string[]): Promise<Mount> {
  const path = await mkdtemp(join(tmpdir(), 'taskwire-mount-'))
  try {
    await runOrImpossible(reason, 'mount', ...args, path)
  } catch (error) {
    await rm(path, { recursive: true })
    throw error
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Lazily, because a killed server may still have files open.
      await exec('umount', ['-l', path])
      await rm(path, { recursive: true, force: true })
    },
  }
}

export async function mountMemory(megabytes: number): Promise<Mount> {
  const reason = 'A tmpfs cannot be mounted here: mounting needs root on Linux'
  return await mount(reason, '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs')
}

/** Creates a file that holds an empty ext4 file system. */
export async function makeImage(file: string, megabytes: number): Promise<void> {
  const handle = await open(file, 'wx')
  await handle.truncate(megabytes * 2 ** 20)
  await handle.close()
  await runOrImpossible(
    'mkfs.ext4 is not installed',
    'mkfs.ext4',
    '-q',
    '-E',
    'lazy_itable_init=0,lazy_journal_init=0',
    file,
  )
}

/**
 * Mounts with a journal that is committed only every five minutes, so that the image has only what PostgreSQL synced.
 */
export async function mountImage(file: string): Promise<Mount> {
  return await mount(
    'An image cannot be mounted here: mounting needs root and loop devices',
    '-o',
    'loop,commit=300',
    file,
  )
}

/** Fills the file system; frees the space when disposed. */
export async function fill(directory: string): Promise<AsyncDisposable & { bytes: number }> {
  const file = join(directory, 'ballast')
  const handle = await open(file, 'w')
  let bytes = 0
  try {
    for (const size of [2 ** 20, 4096])
      for (let isFull = false; !isFull;)
        try {
          bytes += (await handle.write(Buffer.alloc(size))).bytesWritten
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
          isFull = true
        }
  } finally {
    await handle.close()
  }
  return { bytes, [Symbol.asyncDispose]: async () => await rm(file, { force: true }) }
}
