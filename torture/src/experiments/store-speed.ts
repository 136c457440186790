// Opens a store of many tasks in Chromium, and edits them, while the page shows a list, three counts and the tags.
// Fails if the store takes a second or more to open, or the median edit 16 ms or more.

import { hasChromium, openProfile } from '@taskwire/api/browser-testing'
import { temporaryDirectory } from '@taskwire/api/process-testing'
import type { Client, TaskDraft } from '@taskwire/client'
import { newAccount } from '../browser/account.ts'
import { bundlePage, type Replacement } from '../browser/bundle-page.ts'
import { deviceOf } from '../browser/device.ts'
import { type EditTimes, measureEdits, medianAndWorst } from '../browser/edit-times.ts'
import { startNetwork } from '../browser/network.ts'
import type { Tab } from '../browser/tab.ts'
import { expectThat, Impossible, type Options, type Result } from '../experiment.ts'
import { freePort, startInstance } from '../instance.ts'
import { createRandom, type Random } from '../random.ts'
import { startServer } from '../server.ts'

export const promise = 'A store of 100,000 tasks opens in under a second, and the median edit takes less than 16 ms.'
export const negativeControl = 'a list is computed anew at each edit'

const SIZES = { short: { tasks: 20_000, edits: 100 }, long: { tasks: 100_000, edits: 300 } }
const OPENED_MS = 1000
const EDIT_MS = 16
const PER_CALL = 500

const COMPUTED_ANEW: Replacement = { file: 'store/live-tasks.ts', from: /MAX_STEPS = \d+/, to: 'MAX_STEPS = -1' }

export async function run({ seed, size, print, isNegativeControl = false }: Options): Promise<Result> {
  if (!hasChromium) throw new Impossible('There is no Chromium; install it: apt-get install chromium')
  const { tasks, edits } = SIZES[size]
  const port = await freePort()
  await using server = await startServer()
  await using network = await startNetwork(await bundlePage(isNegativeControl ? [COMPUTED_ANEW] : []), port)
  await using service = await startInstance({ ...server.settings, PUBLIC_URL: network.origin }, port)
  const { token, other } = await newAccount(service.url, 'ada')
  await addTasks(other, tasks, createRandom(seed))
  print(`${tasks} tasks`)

  await using profile = await temporaryDirectory()
  await using device = await deviceOf(await openProfile(profile.path), network.origin, token)
  const first = await device.newTab()
  const copied = await openTimed(first)
  await first.close()
  const tab = await device.newTab()
  const opened = await openTimed(tab)
  await tab.untilState('live')
  const live = await measureEdits(tab, edits, true)
  network.cut()
  await tab.untilState('offline')
  const offline = await measureEdits(tab, edits, false)

  const { median } = medianAndWorst(offline.whole)
  const violations: string[] = []
  const openMs = opened.open + opened.newest
  expectThat(violations, openMs < OPENED_MS, `The store took ${openMs} ms to open and show a list`)
  expectThat(violations, median < EDIT_MS, `The median edit took ${median} ms`)
  return {
    metrics: {
      tasks,
      'edits, each': edits,
      'ms to copy the space': copied.open,
      'ms to open the store': opened.open,
      'ms to show the newest tasks first': opened.newest,
      'ms to sort them by title': opened.byTitle,
      ...metricsOf('live', live),
      ...metricsOf('offline', offline),
    },
    violations,
  }
}

interface OpeningTimes {
  /** Milliseconds until the store is open and has a mirror. */
  open: number
  /** And from there until the first list is there: the newest tasks first. */
  newest: number
  /** And from there until a list by title is. */
  byTitle: number
}

async function openTimed({ page }: Tab): Promise<OpeningTimes> {
  return await page.evaluate(async () => {
    const times: number[] = [performance.now()]
    const mark = (): void => void times.push(Math.round(performance.now() - (times[0] ?? 0)))
    await globalThis.taskwire.open()
    const { sync, tasks } = globalThis.taskwire.store
    await globalThis.taskwire.until(() => sync.get().lastSynced !== null, 'a mirror')
    mark()
    tasks.query().get()
    mark()
    tasks.query({}, { by: 'title', direction: 'asc' }).get()
    mark()
    const [, open = 0, newest = 0, byTitle = 0] = times
    return { open, newest: newest - open, byTitle: byTitle - newest }
  })
}

async function addTasks({ tasks, lists }: Client, count: number, random: Random): Promise<void> {
  const { id } = await lists.create.mutate({ name: 'Work' })
  const words = ['buy', 'call', 'write', 'paint', 'repair', 'Büro', 'straße', 'plan', 'mail', 'garden']
  const draft = (nr: number): TaskDraft => ({
    title: `${random.pick(words)} ${random.pick(words)} ${nr}`,
    description: nr % 4 === 0 ? `${random.pick(words)} `.repeat(20) : null,
    complete: nr % 5 === 0,
    priority: random.pick(['none', 'low', 'medium', 'high', 'urgent']),
    tags: [`tag ${random.below(50)}`, `tag ${random.below(50)}`],
    due: nr % 3 === 0 ? { date: `2026-11-${10 + random.below(20)}` } : null,
    listId: nr % 2 === 0 ? id : null,
  })
  for (let nr = 0; nr < count; nr += PER_CALL)
    await tasks.createMany.mutate({ tasks: Array.from({ length: PER_CALL }, (_, index) => draft(nr + index)) })
}

function metricsOf(when: string, { whole, writing, reading }: EditTimes): Result['metrics'] {
  const text = (times: number[]): string => {
    const { median, worst } = medianAndWorst(times)
    return `${median}, ${worst}`
  }
  return {
    [`${when}: ms of an edit, median and worst`]: text(whole),
    [`${when}: of that, writing to the disk`]: text(writing),
    [`${when}: of that, reading back`]: text(reading),
  }
}
