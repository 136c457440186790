#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const { env, stdin, stdout, stderr } = process

// Two thirds of a short command's time is compiling. The user's own directory: one that others can
// write to would let them run code here.
enableCompileCache(join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'taskwire', 'compiled'))
const { EXIT } = await import('./exit.ts')
const { fileReason } = await import('./failure.ts')
const { run } = await import('./run.ts')

// Whoever reads may stop reading: `taskwire list | head`.
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
  // npm changes to the root of the workspace; files are named from where it was called.
  cwd: (env['npm_lifecycle_event'] === 'taskwire' && env['INIT_CWD']) || process.cwd(),
  stdin,
  out: stdout,
  err: stderr,
  now: () => new Date(),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
})
