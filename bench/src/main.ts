import { fileURLToPath } from 'node:url'
import { readOptions, USAGE } from './options.ts'
import { run } from './run.ts'

const print = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') return void process.stdout.write(USAGE)
  await run(options, {
    home: fileURLToPath(new URL('..', import.meta.url)),
    docs: fileURLToPath(new URL('../../docs', import.meta.url)),
    print,
  })
}

// On exit, the child processes are stopped.
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(code))

main().catch((error: unknown) => {
  const known = error instanceof Error && ['UsageError', 'EmbeddedDatabaseError', 'AssertionError'].includes(error.name)
  print(known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
