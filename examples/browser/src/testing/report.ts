// What the test has the browser load: goes through the page as a visitor would, and tells what it saw.
import { signOut } from '@taskwire/client'
import { begin, show } from '../page.ts'

const service = new URLSearchParams(location.search).get('service') ?? ''

async function visit(): Promise<object> {
  const list = document.body.appendChild(document.createElement('ul'))
  const client = await begin(service, 'visitor@example.com', 'correct horse battery')
  await show(client, list)
  const signedIn = list.innerHTML
  const { email } = await client.me.get.query()
  const { cookie } = document
  await signOut({ url: service })
  await show(client, list)
  return { signedIn, email, cookie, signedOut: list.innerHTML }
}

const seen = await visit().catch((error: unknown) => ({ error: String(error) }))
await fetch('/seen', { method: 'POST', body: JSON.stringify(seen) })
