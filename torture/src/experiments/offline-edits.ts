// Four browsers of two accounts edit while the network is cut, the service is killed, pages are reloaded and crash,
// and sessions end. What a page has shown as saved is recorded outside the browser.
// Fails if a saved edit is not in the log exactly once, if one that was given up is in it, if one is in the log of another
// account, or if in the end a page does not show what the service has.

import { setTimeout as pause } from 'node:timers/promises'
import { hasChromium, launchChromium } from '@taskwire/api/browser-testing'
import { newAccount } from '../browser/account.ts'
import { bundlePage } from '../browser/bundle-page.ts'
import { newEditor } from '../browser/editor.ts'
import { type Network, startNetwork } from '../browser/network.ts'
import { createObserver } from '../browser/observer.ts'
import { Impossible, type Options, type Result } from '../experiment.ts'
import { errorReply } from '../browser/replies.ts'
import { freePort, type Instance, startInstance } from '../instance.ts'
import { createRandom, type Random } from '../random.ts'
import { startServer } from '../server.ts'

export const promise =
  'An edit that a page shows as saved reaches the service once, however the network, the service, pages and sessions fail.'
export const negativeControl = 'the network answers some edits itself, and the service never gets them'

const SIZES = { short: { seconds: 20, faultEveryMs: 2000 }, long: { seconds: 1800, faultEveryMs: 10_000 } }
const DEVICES = 4

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  if (!hasChromium) throw new Impossible('There is no Chromium; install it: apt-get install chromium')
  const { seconds, faultEveryMs } = SIZES[size]
  const random = createRandom(seed)
  const port = await freePort()
  await using server = await startServer()
  await using network = await startNetwork(await bundlePage(), port)
  await using service = await startInstance({ ...server.settings, PUBLIC_URL: network.origin }, port)
  const browser = await launchChromium()
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => await browser.close())
  const accounts = [await newAccount(service.url, 'ada'), await newAccount(service.url, 'bob')] as const
  const observer = createObserver()
  const editors = await Promise.all(
    Array.from({ length: DEVICES }, async (_, nr) => {
      const [account, other] = nr % 2 === 0 ? accounts : [accounts[1], accounts[0]]
      return await newEditor({
        nr,
        account,
        other,
        observer,
        browser,
        network,
        service,
        server,
        random: random.fork(nr),
      })
    }),
  )
  if (isNegativeControl) network.answer(LOST, ({ path }) => path === 'tasks.update' && random.below(20) === 0)

  const until = Date.now() + seconds * 1000
  const faults = injectFaults({ network, service, random: random.fork('faults'), until, everyMs: faultEveryMs, print })
  await Promise.all([...editors.map(async (editor) => await editor.editUntil(until)), faults])
  print(`${observer.metrics()['edits saved']} edits were saved; waiting until all are sent`)
  await Promise.all(editors.map(async (editor) => await editor.finish()))
  const shown = await Promise.all(editors.map(async (editor) => await editor.compare()))
  return {
    metrics: { ...observer.metrics(), ...(await faults) },
    violations: [...shown.flat(), ...(await observer.judge(accounts))],
  }
}

/** In the negative control the network answers some edits so. The page takes them as applied. */
const LOST = errorReply('MUTATION_APPLIED', 'The mutation was applied before.')

interface Faults {
  network: Network
  service: Instance
  random: Random
  until: number
  everyMs: number
  print: Options['print']
}

/** Cuts the network and kills the service in turns. Returns how often. In the end, both work. */
async function injectFaults({
  network,
  service,
  random,
  until,
  everyMs,
  print,
}: Faults): Promise<Record<string, number>> {
  const counts = { cuts: 0, kills: 0 }
  const forAWhile = async (): Promise<void> =>
    await pause(Math.min(everyMs * (0.5 + random.next()), Math.max(0, until - Date.now())))
  for (await forAWhile(); Date.now() < until; await forAWhile()) {
    if (random.next() < 0.6) {
      counts.cuts++
      network.cut()
      await forAWhile()
      network.restore()
    } else {
      counts.kills++
      await service.kill()
      await pause(random.below(1000))
      await service.start()
    }
    print(`${counts.cuts} cuts, ${counts.kills} kills`)
  }
  return counts
}
