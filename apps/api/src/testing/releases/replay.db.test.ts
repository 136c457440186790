import { CONTRACT_VERSION } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { startTestService } from '../service.ts'
import { codesIn, proceduresIn } from './coverage.ts'
import { type RecordedCall, readRecordings, readRelease } from './recording.ts'
import { replay } from './replay.ts'

const recordings = readRecordings(CONTRACT_VERSION)
const [newest] = recordings.slice(-1)
if (newest === undefined) throw new Error('No calls are recorded: npm run -s contract:release')

// If a candidate's replies change on purpose, `npm run -s contract:release` records them again.
test.each(recordings)('replies to the client of $version have everything that was recorded', async (recording) => {
  await using service = await startTestService()
  expect(await replay(recording, service)).toEqual([])
})

test.each(recordings)('the recording of $version has every procedure and every error of its contract', (recording) => {
  const { procedures, errors } = readRelease(recording.version)
  expect(proceduresIn(recording.calls)).toEqual(expect.arrayContaining(Object.keys(procedures)))
  expect(codesIn(recording.calls)).toEqual(Object.keys(errors).toSorted())
})

test('a replay finds a missing field, a value that is null, another error code and another status', async () => {
  type Reply = RecordedCall['reply']
  const change = (reply: Reply, from: string | RegExp, to: string): Reply =>
    // The shape is the same, except for the text that was replaced.
    JSON.parse(JSON.stringify(reply).replace(from, to)) as Reply
  const changes: Record<string, (reply: Reply) => Reply> = {
    'tasks.get': (reply) => change(reply, /"dueAt":"[^"]*",/, ''),
    'lists.list': (reply) => change(reply, '"name":"House"', '"name":null'),
    'changes.subscribe': (reply) => change(reply, '"commit":', '"commits":'),
    IN_TRASH: (reply) => change(reply, '"IN_TRASH"', '"FORBIDDEN"'),
    UNAVAILABLE: (reply) => ({ ...reply, status: 500 }),
  }
  await using service = await startTestService()
  const found = await replay(newest, service, { tamper: (name, reply) => changes[name]?.(reply) ?? reply })
  expect(found.toSorted()).toEqual([
    'IN_TRASH: body[0].error.data.appCode is "FORBIDDEN" and was IN_TRASH',
    'UNAVAILABLE: status is 500 and was 503',
    'changes.subscribe: events[1].data.change.commit is missing',
    'lists.list: body[0].result.data.items[0].name is null and was House',
    'tasks.get: body[0].result.data.dueAt is missing',
  ])
})
