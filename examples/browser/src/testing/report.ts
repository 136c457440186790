// Loaded by the browser in the test: uses the page as a visitor would, and reports what it shows.
import { createClient, failureOf, signIn, signOut } from '@taskwire/client'
import { begin, keepShowing, show } from '../page.ts'

const service = new URLSearchParams(location.search).get('service') ?? ''

async function visit(): Promise<object> {
  const list = document.body.appendChild(document.createElement('ul'))
  const visitor = { url: service, email: 'visitor@example.com', password: 'correct horse battery' }
  const client = await begin(service, visitor.email, visitor.password)
  // The cookie belongs to the last session. Signing out the earlier session by its token must leave the last one open.
  const { token } = await signIn(visitor)
  await signIn(visitor)
  await signOut({ url: service, token })
  const ended = await createClient({ url: service, token }).me.get.query().catch(failureOf)
  await show(client, list)
  const signedIn = list.innerHTML
  const following = keepShowing(client, list, new AbortController().signal).catch(
    (error: unknown) => failureOf(error).appCode,
  )
  await waitFor(() => list.dataset['state'] === 'live')
  await client.tasks.create.mutate({ title: 'Look again' })
  await waitFor(() => list.childElementCount === 2)
  const live = list.innerHTML
  const { email } = await client.me.get.query()
  const { cookie } = document
  await signOut({ url: service })
  const followed = await following
  await show(client, list)
  return {
    byToken: 'appCode' in ended ? ended.appCode : 'still there',
    signedIn,
    live,
    followed,
    email,
    cookie,
    signedOut: list.innerHTML,
  }
}

/** Resolves when the condition on the page holds. */
async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition())
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect()
        resolve()
      })
      observer.observe(document.body, { attributes: true, childList: true, subtree: true })
    })
}

const report = await visit().catch((error: unknown) => ({ error: String(error) }))
await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
