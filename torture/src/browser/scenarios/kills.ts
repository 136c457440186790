import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { processTreeOf, signalAll, until } from '../../processes.ts'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'

/** The service, a tab or the browser is killed. */
export function kills(): void {
  test('edits made while the service is killed and restarted take effect once', async ({
    ada,
    device,
    network,
    service,
  }) => {
    const tab = await device.openLive()
    for (const round of ['first', 'second']) {
      const held = network.hold('replies')
      const edits = tab.run(async (store, name) => {
        for (let nr = 0; nr < 5; nr++) {
          const { id } = await store.tasks.create({ title: `${name} ${nr}` })
          await store.tasks.complete(id)
        }
      }, round)
      // The service has applied an edit, and the page does not know.
      await held.arrived
      await service.kill()
      held.release()
      await edits
      await service.start()
    }
    await tab.untilSent()
    const expected = ['first', 'second'].flatMap((round) => [0, 1, 2, 3, 4].map((nr) => `${round} ${nr}`))
    const { tasks } = await ada.rows()
    expect(tasks.map(({ title }) => title).toSorted()).toEqual(expected.toSorted())
    const done = await ada.done()
    expect(done.filter((what) => what === 'create task')).toHaveLength(10)
    expect(done.filter((what) => what === 'complete task')).toHaveLength(10)
    expect(done).toHaveLength(20)
    await expectServiceRows(tab, ada)
  })

  test('an edit takes effect once if the tab is killed before the reply arrives', async ({ ada, device, network }) => {
    const id = await ada.add('first', 'moved')
    const before = await ada.head()
    const tab = await device.openLive()
    const held = network.hold('replies')
    await tab.run(async (store, moved) => {
      await store.tasks.move(moved, { after: null })
      await store.tasks.create({ title: 'created' })
    }, id.moved)
    await held.arrived
    await tab.crash()
    held.release()
    const next = await device.open()
    await next.untilSent()
    const [sent, again, created] = network.sent
    expect(network.sent.map(({ path }) => path)).toEqual(['tasks.move', 'tasks.move', 'tasks.create'])
    expect(again).toEqual(sent)
    expect(created?.mutationId).not.toBe(sent?.mutationId)
    expect(await ada.done(before)).toEqual(['move task', 'create task'])
    await expectServiceRows(next, ada)
  })

  test('an edit that was shown as saved is there after the browser is killed', async ({ ada, network, profile }) => {
    const killed = await profile.open()
    const tab = await killed.openLive()
    network.cut()
    await tab.run(async (store) => void (await store.tasks.create({ title: 'saved' })))
    await killBrowser(profile.path)

    await using device = await profile.open()
    // The browser may not have stored yet whose store was opened.
    const next = await device.open(ada.id)
    expect((await next.rows()).tasks.map(({ title }) => title)).toEqual(['saved'])
    await next.reconnect(network)
    await next.untilSent()
    expect(await ada.done()).toEqual(['create task'])
  })
}

/** Kills all processes of the browser that has its profile in this directory. */
async function killBrowser(directory: string): Promise<void> {
  const own = await processTreeOf(process.pid)
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  const [browser] = lines.filter((line) => line.includes(directory)).map((line) => Number.parseInt(line, 10))
  if (browser === undefined || !own.includes(browser)) throw new Error('The browser to kill was not found')
  const pids = await processTreeOf(browser)
  signalAll(pids, 'SIGKILL')
  await until('the browser to end', () => signalAll(pids, 0) === 0)
}
