// Records the calls of this version's client, which the tests of later versions send again.
import { existsSync, writeFileSync } from 'node:fs'
import { APP_CODES, contract, CONTRACT_VERSION } from '@taskwire/contract'
import { startPostgres } from '../process.ts'
import { startTestService } from '../service.ts'
import { codesIn, proceduresIn } from './coverage.ts'
import { normalise } from './normalise.ts'
import { placeholder } from './placeholders.ts'
import { createRecorder } from './recorder.ts'
import { recordingFile, type RecordedCall } from './recording.ts'
import { addServiceKeys } from './service-keys.ts'
import { recordSession } from './session.ts'

/** Throws unless every procedure was called, and every error replied. */
function checkComplete(calls: readonly RecordedCall[]): void {
  const procedures = Object.entries(contract).flatMap(([space, table]) =>
    Object.keys(table).map((name) => `${space}.${name}`),
  )
  const [called, refused] = [proceduresIn(calls), codesIn(calls)]
  const missing = [
    ...procedures.filter((name) => !called.includes(name)),
    ...Object.keys(APP_CODES).filter((code) => !refused.includes(code)),
  ]
  if (missing.length > 0)
    throw new Error(`apps/api/src/testing/releases/session.ts does not call ${missing.join(', ')}: add these calls`)
}

async function record(): Promise<RecordedCall[]> {
  const since = Date.now()
  await using _postgres = await startPostgres()
  await using service = await startTestService()
  const keys = await addServiceKeys(service)
  const recorder = createRecorder(service)
  await recordSession(recorder, service.url, keys)
  checkComplete(recorder.calls)
  const given = Object.entries(keys).map(([name, secret]) => [secret, placeholder('secret', name)] as const)
  return normalise(recorder.calls, new Map(given), since)
}

const file = recordingFile(CONTRACT_VERSION)
if (!CONTRACT_VERSION.includes('-') && existsSync(file))
  throw new Error(`${CONTRACT_VERSION} is released, and its calls are recorded already`)
const calls = await record()
writeFileSync(file, `${JSON.stringify({ version: CONTRACT_VERSION, calls }, null, 1)}\n`)
console.log(`recorded ${calls.length} calls in packages/contract/releases/${CONTRACT_VERSION}.calls.json`)
