import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import type { Reply } from '../network-rules.ts'
import { errorReply } from '../replies.ts'

const page = (status: number, body: string): Reply => ({ status, type: 'text/html', body })

/** Replies that are not the service's refusal of the session, or look like it. */
const LOOK_LIKE_REFUSALS: readonly Reply[] = [
  page(401, '<h1>401 Unauthorized</h1>'),
  page(403, '<h1>403 Forbidden</h1>'),
  page(502, 'The upstream replied with 401'),
  errorReply('INTERNAL', 'Status 403 from the database’s host'),
  errorReply('UNAVAILABLE', '401 Unauthorized'),
]

/** The session ends, or another account signs in. */
export function sessions(): void {
  test('a session revoked while offline pauses the edits; after signing in again all are sent', async ({
    ada,
    device,
    network,
    server,
  }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    await tab.untilState('offline')
    await tab.run(async (store, task) => {
      await store.tasks.create({ title: 'made offline' })
      await store.tasks.update(task, { title: 'changed offline' })
    }, id.task)
    await server.query(`delete from auth.sessions where token_hash = sha256('${device.token}')`)
    await tab.reconnect(network)
    await tab.untilState('signedOut')
    expect(await tab.sync()).toMatchObject({ pending: [{}, {}], failing: { code: 'UNAUTHENTICATED' } })
    // Edits go on.
    await tab.run(async (store) => void (await store.tasks.create({ title: 'made signed out' })))
    await tab.reload()
    await tab.untilState('signedOut')
    expect((await tab.sync()).pending).toHaveLength(3)
    const titles = (await tab.rows()).tasks.map(({ title }) => title)
    expect(titles.toSorted()).toEqual(['changed offline', 'made offline', 'made signed out'])

    // While the last edit is on its way for the first time, the page no longer asks the user to sign in.
    let attempts = 0
    const last = network.hold('requests', ({ input }) => input['title'] === 'made signed out' && ++attempts > 0)
    await tab.signIn(ada)
    await tab.run((store) => store.resume())
    await last.arrived
    await tab.untilState('live')
    expect([(await tab.sync()).pending.length, attempts]).toEqual([1, 1])
    last.release()
    await tab.untilSent()
    await expectServiceRows(tab, ada)
  })

  test('another account that signs in neither sees nor sends the edits, which the first one sends later', async ({
    ada,
    device,
    network,
    server,
    signUp,
  }) => {
    const ben = await signUp()
    await ada.add('of Ada')
    const before = await ada.head()
    const tab = await device.openLive()
    network.cut()
    await tab.run(async (store) => {
      const list = await store.lists.create({ name: 'List of Ada' })
      await store.tasks.create({ title: 'secret of Ada', listId: list.id })
    })
    await server.query(`delete from auth.sessions where token_hash = sha256('${device.token}')`)
    network.restore()
    await tab.signIn(ben)
    await tab.run((store) => store.resume())
    await tab.untilState('otherAccount')
    // This tab shows nothing of Ada to Ben either.
    expect(await tab.rows()).toEqual({ tasks: [], lists: [] })
    expect(await tab.codeOf(async (store) => await store.tasks.create({ title: 'by Ben' }))).toBe('OTHER_ACCOUNT')

    const other = await device.openLive(ben.id)
    expect(await other.rows()).toEqual({ tasks: [], lists: [] })
    await other.run(async (store) => void (await store.tasks.create({ title: 'of Ben' })))
    await other.untilSent()
    expect(await ben.done()).toEqual(['create task'])
    expect(await ada.head()).toBe(before)
    await other.run(async () => await globalThis.taskwire.signOut())

    await tab.signIn(ada)
    await tab.run((store) => store.resume())
    await tab.untilSent()
    await tab.untilState('live')
    await other.run((store) => store.resume())
    await other.untilState('otherAccount')
    expect(await ben.done()).toEqual(['create task'])
    await expectServiceRows(tab, ada)
  })

  test('an account that signs in again after another one opens its store without a network', async ({
    ada,
    device,
    network,
    signUp,
  }) => {
    const ben = await signUp()
    await ada.add('of Ada')
    const tab = await device.open()
    await tab.untilState('live')
    await tab.signIn(ben)
    // The stream of the old session goes on; the edit meets the new one.
    await tab.run(async (store) => void (await store.tasks.create({ title: 'also of Ada' })))
    await tab.untilState('otherAccount')
    await tab.signIn(ada)
    await tab.run((store) => store.resume())
    await tab.untilSent()
    await tab.untilState('live')
    network.cut()
    await tab.reload()
    expect((await tab.rows()).tasks.map(({ title }) => title)).toEqual(['of Ada', 'also of Ada'])
  })

  test.for(LOOK_LIKE_REFUSALS)(
    'a reply $status with "$body" loses no edit',
    async (reply, { ada, device, network }) => {
      const tab = await device.openLive()
      const answers = network.answer(reply)
      await tab.run(async (store) => void (await store.tasks.create({ title: 'kept' })))
      await tab.until((store) => {
        const { failing, refused } = store.sync.get()
        return failing !== null || refused.length > 0
      })
      expect((await tab.rows()).tasks.map(({ title }) => title)).toEqual(['kept'])
      answers.stop()
      // An edit that was refused by something in between is the user's to send again.
      await tab.retryAll()
      await tab.run((store) => store.resume())
      await tab.untilSent()
      expect(await ada.done()).toEqual(['create task'])
      await expectServiceRows(tab, ada)
    },
  )
}
