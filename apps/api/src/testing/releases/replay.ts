import type { TestService } from '../service.ts'
import { openRawStream } from '../streams.ts'
import { send } from '../wire.ts'
import { differences } from './differences.ts'
import { placeholder, type Values, withValues } from './placeholders.ts'
import type { RecordedCall, Recording } from './recording.ts'
import { addServiceKeys } from './service-keys.ts'
import { enter, type Situation } from './situations.ts'

type Reply = RecordedCall['reply']

export interface ReplayOptions {
  /** For negative controls: changes a reply before it is compared. */
  tamper?: (name: string, reply: Reply) => Reply
}

/** Sends the recorded calls. Lists, for each call, what the recorded reply has and the actual one lacks. */
export async function replay(
  { calls }: Recording,
  service: TestService,
  { tamper = (_, reply) => reply }: ReplayOptions = {},
): Promise<string[]> {
  const values: Values = new Map()
  for (const [name, secret] of Object.entries(await addServiceKeys(service)))
    values.set(placeholder('secret', name), secret)
  const found: string[] = []
  let situation: { name: string | undefined; state: Situation | undefined } = { name: undefined, state: undefined }
  try {
    for (const call of calls) {
      if (call.situation !== situation.name) {
        await situation.state?.[Symbol.asyncDispose]()
        situation = { name: undefined, state: undefined }
        if (call.situation !== undefined)
          situation = { name: call.situation, state: await enter(call.situation, service) }
      }
      const request = withValues(call.request, values)
      const reply = tamper(call.name, await sendRecorded(situation.state?.url ?? service.url, request, call.reply))
      found.push(...differences(call.reply, reply, values).map((difference) => `${call.name}: ${difference}`))
    }
  } finally {
    await situation.state?.[Symbol.asyncDispose]()
  }
  return found
}

async function sendRecorded(url: string, request: RecordedCall['request'], recorded: Reply): Promise<Reply> {
  const { method, headers, input, body } = request
  const query = input === undefined ? '' : `input=${encodeURIComponent(JSON.stringify(input))}`
  const path = [request.path, query].filter(Boolean).join(request.path.includes('?') ? '&' : '?')
  if (recorded.events !== undefined) return await readStream(url, { headers, input, count: recorded.events.length })
  const received = await send(url, {
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: received.status, headers: plain(received.headers), body: JSON.parse(received.text) }
}

/** Reads as many events as were recorded; events that a client ignores do not count. */
async function readStream(
  url: string,
  { headers, input, count }: { headers: Record<string, string>; input: unknown; count: number },
): Promise<Reply> {
  using stream = await openRawStream(url, headers, input)
  const events: Reply['events'] = []
  while (events.length < count) {
    const { event, id, data } = await stream.next()
    if (event !== 'ping') events.push({ event, ...(id === undefined ? {} : { id: Number(id) }), data })
  }
  return { status: stream.status, headers: plain(stream.headers), events }
}

function plain(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
