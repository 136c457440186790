import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { headOf, newCaller, refused } from '../../testing/caller.ts'
import { checkProperty } from '../../testing/property.ts'

/** Mostly short texts of any code points, including unassigned ones and runs of accents. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('e', '\u0301', '\u0323', '\u1161', '\u1100', '\u11a8', 'ς', 'Σ', 'İ', ' ', '\u00a0'),
  }),
)
const normal = (text: string): string => text.normalize('NFC')
const line = anyText.filter((text) => /^[^\p{Cc}\u2028\u2029]+$/u.test(normal(text).trim()))

// Started last: creating the generators above can block a busy machine for seconds.
const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test('any text is returned and stored in its normal form', async () => {
  const { client } = await newCaller(service)
  const draft = fc.record({
    title: line,
    description: anyText.filter((text) => !text.includes('\0')),
    tags: fc.array(line, { maxLength: 4 }),
  })
  const property = fc.asyncProperty(fc.array(draft, { minLength: 20, maxLength: 20 }), async (drafts) => {
    const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts })
    for (const [at, { id, title, description, tags }] of tasks.entries()) {
      const given = drafts[at]
      expect(title).toBe(normal(given?.title ?? '').trim())
      expect(description).toBe(normal(given?.description ?? ''))
      const spellings = given?.tags.map((tag) => normal(tag).trim()) ?? []
      const keys = spellings.map((tag) => normal(tag.toLowerCase()))
      expect(tags).toEqual(spellings.filter((_, nr) => keys.indexOf(keys[nr] ?? '') === nr))
      expect(await client.tasks.get.query({ id })).toMatchObject({ title, description, tags })
    }
  })
  await checkProperty(property, 15)
})

test('length is counted in code points, after normalising', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const longest = {
    title: '\u{1f469}'.repeat(200),
    description: '𠀀'.repeat(1000),
    tags: Array.from({ length: 10 }, (_, at) => '\u{1f600}'.repeat(49) + at),
  }
  expect(await client.tasks.create.mutate(longest)).toMatchObject(longest)
  // Two code points that compose to one count as one, and blanks at the ends are not counted.
  const shrinks = await client.tasks.create.mutate({
    title: ` ${'e\u0301'.repeat(200)} `,
    tags: ['a\u030a'.repeat(50)],
  })
  expect(shrinks).toMatchObject({ title: '\u00e9'.repeat(200), tags: ['\u00e5'.repeat(50)] })
  // One code point that decomposes to two counts as two.
  const grows = '\u0958'
  expect(grows.normalize('NFC')).toHaveLength(2)
  const { id } = await client.tasks.create.mutate({ title: grows.repeat(100) })
  const tooLong = [
    { title: 'x'.repeat(201) },
    { title: grows.repeat(101) },
    { description: '\u{1f469}'.repeat(1001) },
    { tags: ['x'.repeat(51)] },
  ]
  for (const changes of tooLong) {
    const { fields } = await refused(client.tasks.update.mutate({ id, changes }))
    expect(fields?.[0]?.path).toMatch(/^changes\.(title|description|tags\.0)$/)
  }
  expect(await headOf(caller)).toBe(3)
})
