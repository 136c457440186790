// Records the calls of this version's client, which the tests of later versions send again.
import { existsSync, writeFileSync } from 'node:fs'
import { APP_CODES, contract, CONTRACT_VERSION } from '@taskwire/contract'
import { startPostgres } from '../process.ts'
import { startTestService } from '../service.ts'
import { codesIn, proceduresIn } from './coverage.ts'
import { normalise } from './normalise.ts'
import { placeholder } from './placeholders.ts'
import { createRecorder } from './recorder.ts'
import { recordingFile, type RecordedCall, SERVICE_KEYS } from './recording.ts'
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
  const serviceKey = await service.addServiceKey(SERVICE_KEYS['service key'])
  const recorder = createRecorder(service)
  await recordSession(recorder, service.url, serviceKey)
  checkComplete(recorder.calls)
  return normalise(recorder.calls, new Map([[serviceKey, placeholder('secret', 'service key')]]), since)
}

const file = recordingFile(CONTRACT_VERSION)
if (!CONTRACT_VERSION.includes('-') && existsSync(file))
  throw new Error(`${CONTRACT_VERSION} is released, and its calls are recorded`)
const calls = await record()
writeFileSync(file, `${JSON.stringify({ version: CONTRACT_VERSION, calls }, null, 1)}\n`)
console.log(`recorded ${calls.length} calls in packages/contract/releases/${CONTRACT_VERSION}.calls.json`)
