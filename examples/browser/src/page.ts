// A page that keeps nothing but the session cookie, which the browser holds and no script can read.
import { type Client, createClient, failureOf, signUp } from '@taskwire/client'

/** Makes an account with its first task. */
export async function begin(url: string, email: string, password: string): Promise<Client> {
  await signUp({ url, email, password, name: 'You' })
  const client = createClient({ url })
  await client.tasks.create.mutate({ title: 'Look around', due: { date: '2026-11-22' } })
  return client
}

/** Shows the open tasks, or what stands in the way. */
export async function show(client: Client, element: HTMLElement): Promise<void> {
  try {
    const { items } = await client.tasks.list.query({ filter: { complete: false } })
    element.replaceChildren(
      ...items.map(({ title }) => Object.assign(document.createElement('li'), { textContent: title })),
    )
  } catch (error) {
    const failure = failureOf(error)
    element.textContent = failure.appCode === 'UNAUTHENTICATED' ? 'Please sign in.' : failure.message
  }
}
