import type { ExportPage } from '@taskwire/client'
import { Link } from 'wouter'
import { Outcome } from '../calls/outcome.tsx'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'
import { download } from '../export/download.ts'
import { dateIn } from '../views/today.ts'

/** A file with everything that the service keeps about the user. */
export function YourData({ timeZone }: { timeZone: string }) {
  const action = useAction()
  async function write(): Promise<void> {
    const text = `${JSON.stringify(await readEverything(), null, 2)}\n`
    download(`taskwire-everything-${dateIn(timeZone, new Date())}.json`, 'application/json', text)
  }
  return (
    <section className="card" aria-labelledby="data-title">
      <h2 id="data-title">Your data</h2>
      <p className="soft">
        A file with everything that the service has about you: the account, all lists and tasks with the trash, their
        history, and the names of your keys. For other programs, <Link href="/export">export your tasks</Link>.
      </p>
      <button type="button" disabled={action.state === 'running'} onClick={() => void action.run(write)}>
        {action.state === 'running' ? 'Reading…' : 'Download everything'}
      </button>
      <Outcome action={action} done="Your file is ready. Look in your downloads." />
    </section>
  )
}

/** Returns all pages as one. The import reads it. */
async function readEverything(): Promise<Omit<ExportPage, 'nextCursor'>> {
  const { nextCursor, ...all } = await client.me.export.query({})
  for (let cursor = nextCursor; cursor !== null;) {
    const page: ExportPage = await client.me.export.query({ cursor })
    all.lists.push(...page.lists)
    all.tasks.push(...page.tasks)
    all.changes.push(...page.changes)
    all.keys.push(...page.keys)
    cursor = page.nextCursor
  }
  return all
}
