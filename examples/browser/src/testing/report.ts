// What the test has the browser load: goes through the page as a visitor would, and tells what it saw.
import { failureOf, signOut } from '@taskwire/client'
import { begin, keepShowing, show } from '../page.ts'

const service = new URLSearchParams(location.search).get('service') ?? ''

async function visit(): Promise<object> {
  const list = document.body.appendChild(document.createElement('ul'))
  const client = await begin(service, 'visitor@example.com', 'correct horse battery')
  await show(client, list)
  const signedIn = list.innerHTML
  const ended = keepShowing(client, list, new AbortController().signal).catch(
    (error: unknown) => failureOf(error).appCode,
  )
  await shown(() => list.dataset['state'] === 'live')
  await client.tasks.create.mutate({ title: 'Look again' })
  await shown(() => list.childElementCount === 2)
  const live = list.innerHTML
  const { email } = await client.me.get.query()
  const { cookie } = document
  await signOut({ url: service })
  const followed = await ended
  await show(client, list)
  return { signedIn, live, followed, email, cookie, signedOut: list.innerHTML }
}

/** Resolves when the page has come to be so. */
async function shown(so: () => boolean): Promise<void> {
  while (!so())
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect()
        resolve()
      })
      observer.observe(document.body, { attributes: true, childList: true, subtree: true })
    })
}

const seen = await visit().catch((error: unknown) => ({ error: String(error) }))
await fetch('/seen', { method: 'POST', body: JSON.stringify(seen) })
