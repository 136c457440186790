#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const { env, stdin, stdout, stderr } = process

// Compiling takes two thirds of a short command's time. Code in the cache is run, so only the user may be able to write
// to its directory.
enableCompileCache(join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'taskwire', 'compiled'))
const { EXIT } = await import('./exit.ts')
const { fileReason } = await import('./file-error.ts')
const { run } = await import('./run.ts')

// The reader of a pipe may close it: `taskwire list | head`.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    if (stream === stdout) stderr.write(`Standard output: ${fileReason(error.code ?? error.message)}\n`)
    process.exit(EXIT.failed)
  })
process.on('SIGINT', () => {
  stderr.write('\n')
  process.exit(EXIT.interrupted)
})

process.exitCode = await run(process.argv.slice(2), {
  env,
  // npm changes to the workspace's root, but file names are relative to the directory in which npm was called.
  cwd: (env['npm_lifecycle_event'] === 'taskwire' && env['INIT_CWD']) || process.cwd(),
  stdin,
  out: stdout,
  err: stderr,
  now: () => new Date(),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
})
