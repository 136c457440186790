// The program that the package @taskwire/testing starts: a service without rate limits, on a database of its own. It reads
// its options from standard input, as a line of JSON, and replies with a line of JSON on standard output. It stops when
// standard input ends, which happens however the parent process ends.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startTestKit, type TestKit, type TestKitOptions } from './test-kit/start.ts'

/** Errors of which only the message is reported. Any other error is reported with its stack. */
const KNOWN = ['AddressError', 'ConfigError', 'EmbeddedDatabaseError']

// Writing fails if the process that reads these streams was killed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const input = createInterface(process.stdin)
const ended = once(input, 'close')
const reply = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

async function start(options: TestKitOptions): Promise<TestKit | undefined> {
  try {
    return await startTestKit(options)
  } catch (error) {
    const isKnown = error instanceof Error && KNOWN.includes(error.name)
    reply({ error: isKnown ? error.message : String(error instanceof Error ? error.stack : error) })
    return undefined
  }
}

const [line] = (await once(input, 'line')) as [string]
const kit = await start(JSON.parse(line) as TestKitOptions)
if (kit === undefined) process.exit(1)
reply(kit.address)
await ended
await kit.stop()
process.exit(0)
