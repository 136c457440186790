// Loaded by the browser in the test: signs up, then calls by cookie and by token, and reports the results.
import { createClient, failureOf, signUp } from '@taskwire/client'

const url = new URLSearchParams(location.search).get('service') ?? ''

async function visit(): Promise<object> {
  const { token } = await signUp({ url, email: 'visitor@example.com', password: 'correct horse battery', name: 'You' })
  const list = async (given: { token?: string }): Promise<string> => {
    const { items } = await createClient({ url, ...given }).tasks.list.query()
    return items.length === 0 ? 'list of nothing' : 'list'
  }
  const byToken = await list({ token })
  try {
    return { byToken, byCookie: await list({}) }
  } catch (error) {
    const { appCode, message } = failureOf(error)
    return { byToken, byCookie: appCode, why: message }
  }
}

const report = await visit().catch((error: unknown) => ({ error: String(error) }))
await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
