import { expect, test } from 'vitest'
import type { Snapshot } from './compare/snapshot.ts'
import { judge } from './judge.ts'
import { compareVersions } from './versions.ts'

const release = (version: string, change: Partial<Snapshot> = {}): Snapshot => ({
  version,
  limits: { title: 200 },
  errors: {},
  openSets: {},
  procedures: {
    'tasks.get': {
      kind: 'query',
      access: 'tasks:read',
      summary: 'Returns a task.',
      input: { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false },
      output: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
    },
  },
  ...change,
})
const tighter = (version: string): Snapshot => release(version, { limits: { title: 100 } })
const larger = (version: string): Snapshot => release(version, { limits: { title: 200, tags: 10 } })
const LINE =
  'Breaks clients of 1.0.0: limits.title was 200, and is now 100: deployed clients send calls that would now be refused. ' +
  'Keep the limit of the release, or raise the major version.'

test('versions sort by their numbers, candidates before the final version', () => {
  const sorted = ['0.9.0', '1.0.0-rc.1', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0-rc.1']
  expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted)
  for (const version of ['1.0', 'v1.0.0', '1.0.0-beta', '1.0.0-rc', '1.0.0 '])
    expect(() => compareVersions(version, '1.0.0')).toThrow('is not a version')
})

test('a change that breaks clients of the newest final release is a problem', () => {
  expect(judge(tighter('1.1.0'), [release('1.0.0')])).toEqual({ problems: [LINE], notes: [] })
  expect(judge(tighter('1.1.0-rc.1'), [release('1.0.0'), tighter('0.9.0')]).problems).toEqual([LINE])
  expect(judge(larger('1.1.0'), [release('1.0.0')])).toEqual({ problems: [], notes: [] })
})

test('a new major version may break clients', () => {
  for (const version of ['2.0.0', '2.0.0-rc.1', '10.0.0'])
    expect(judge(tighter(version), [release('1.0.0')])).toEqual({ problems: [], notes: [] })
  expect(judge(release('1.9.0'), [release('1.0.0'), larger('2.0.0')]).problems).not.toEqual([])
})

test('a change that breaks clients of a release candidate is only a note', () => {
  const note = LINE.replace('Breaks clients of 1.0.0', 'Would break clients of the candidate 1.0.0-rc.1')
  expect(judge(tighter('1.0.0'), [release('1.0.0-rc.1')])).toEqual({ problems: [], notes: [note] })
  // A candidate older than the newest final release is ignored.
  expect(judge(tighter('1.0.1'), [release('1.0.0-rc.1'), tighter('1.0.0')])).toEqual({ problems: [], notes: [] })
  // A candidate after it may take back only what an earlier candidate added.
  expect(judge(release('1.1.0-rc.2'), [release('1.0.0'), larger('1.1.0-rc.1')])).toMatchObject({
    problems: [],
    notes: [expect.stringContaining('limits.tags was removed')],
  })
})

test('no releases, no problems', () => {
  expect(judge(tighter('1.0.0-rc.1'), [])).toEqual({ problems: [], notes: [] })
})

test('a changed contract needs a newer version', () => {
  expect(judge(release('1.0.0'), [release('1.0.0')]).problems).toEqual([])
  for (const version of ['1.0.0', '1.0.0-rc.2', '0.9.0'])
    expect(judge(larger(version), [release('1.0.0')]).problems).toEqual([
      expect.stringContaining(
        `The contract has changed since 1.0.0, but its version is ${version}, which is not newer.`,
      ),
    ])
})

test('a change of several procedures is one line, which names them all', () => {
  const { procedures } = release('1.0.0')
  const get = procedures['tasks.get']
  const shared = (output: object): Snapshot['procedures'] =>
    Object.fromEntries(['a', 'b'].map((name) => [name, { ...get, output }])) as Snapshot['procedures']
  const field = { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] }
  const { problems } = judge(release('1.1.0', { procedures: shared({ type: 'object' }) }), [
    release('1.0.0', { procedures: shared(field) }),
  ])
  expect(problems).toEqual([
    'Breaks clients of 1.0.0: a, b: output.x was removed: deployed clients still send or read it. ' +
      'Keep it beside what replaces it, or raise the major version.',
  ])
})
