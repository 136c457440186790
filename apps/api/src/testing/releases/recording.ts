import { readdirSync, readFileSync } from 'node:fs'

/** A state of the service in which it refuses calls: see `situations.ts`. */
export type SituationName = 'limited' | 'broken' | 'locked' | 'slow' | 'disconnected'

/** One call of a released client, as it was sent and answered. Values that the service made are placeholders. */
export interface RecordedCall {
  /** Unique; placeholders name values by it. */
  name: string
  situation?: SituationName
  request: {
    method: string
    /** Without the input of a query, which is `input`. */
    path: string
    headers: Record<string, string>
    /** The input of a query, which is sent in the URL. */
    input?: unknown
    body?: unknown
  }
  reply: {
    status: number
    headers: Record<string, string>
    body?: unknown
    /** The first events of a stream. */
    events?: StreamEvent[]
  }
}

export interface StreamEvent {
  event: string
  id?: unknown
  data: unknown
}

export interface Recording {
  version: string
  calls: RecordedCall[]
}

const directory = new URL('../../../../../packages/contract/releases/', import.meta.url)

export const recordingFile = (version: string): URL => new URL(`${version}.calls.json`, directory)

/**
 * Returns the recordings that this version has to be compatible with: those of the final releases of its major version,
 * and its own. Recordings of other release candidates do not count.
 */
export function readRecordings(version: string): Recording[] {
  const [major = ''] = version.split('.')
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${major}.`) && name.endsWith('.calls.json'))
    .filter((name) => !name.includes('-') || name === `${version}.calls.json`)
    .map((name) => readJson(name) as Recording)
}

/** The procedures and errors of a released contract. */
export function readRelease(version: string): Record<'procedures' | 'errors', Record<string, unknown>> {
  return readJson(`${version}.json`) as ReturnType<typeof readRelease>
}

// Its callers assert the shape with which the file was written.
const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, directory), 'utf8'))
