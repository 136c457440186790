import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hasChromium } from '@taskwire/api/browser-testing'
import { Impossible } from '../experiment.ts'
import { freePort, startInstance } from '../instance.ts'
import { startServer } from '../server.ts'
import { type Account, newAccount } from './account.ts'

const PER_CALL = 500
const BUILD = fileURLToPath(new URL('../../../apps/web/scripts/build.ts', import.meta.url))

/** A service that serves the front end, with one account. */
export interface FrontEnd extends AsyncDisposable {
  /** Where the page is: a secure context, as `https:` is. */
  address: string
  ada: Account
}

/** Builds the front end, starts a service of its own, and adds tasks, of which a third have a due date. */
export async function startFrontEnd(tasks: number): Promise<FrontEnd> {
  if (!hasChromium) throw new Impossible('There is no Chromium; install it: apt-get install chromium')
  execFileSync(process.execPath, [BUILD, '--if-changed'])
  await using starting = new AsyncDisposableStack()
  const server = starting.use(await startServer())
  const port = await freePort()
  const address = `http://localhost:${port}`
  const service = starting.use(await startInstance({ ...server.settings, PUBLIC_URL: address }, port))
  const ada = await newAccount(service.url, 'ada')
  for (let nr = 0; nr < tasks; nr += PER_CALL)
    await ada.other.tasks.createMany.mutate({
      tasks: Array.from({ length: Math.min(PER_CALL, tasks - nr) }, (_, index) => ({
        title: `Task ${nr + index}`,
        ...(index % 3 === 0 && { due: { date: '2031-05-01' } }),
      })),
    })
  const started = starting.move()
  return { address, ada, [Symbol.asyncDispose]: async () => await started.disposeAsync() }
}
