// A page that signs in with the session cookie, which the browser keeps and scripts cannot read.
import { type Client, createClient, failureOf, signUp } from '@taskwire/client'

/** Creates an account with a first task. */
export async function begin(url: string, email: string, password: string): Promise<Client> {
  await signUp({ url, email, password, name: 'You' })
  const client = createClient({ url })
  await client.tasks.create.mutate({ title: 'Look around', due: { date: '2026-11-22' } })
  return client
}

/** Shows the open tasks or the error; returns the revision that is shown. */
export async function show(client: Client, element: HTMLElement): Promise<number | undefined> {
  try {
    const { items, revision } = await client.tasks.list.query({ filter: { complete: false } })
    element.replaceChildren(
      ...items.map(({ title }) => Object.assign(document.createElement('li'), { textContent: title })),
    )
    return revision
  } catch (error) {
    const failure = failureOf(error)
    element.textContent = failure.appCode === 'UNAUTHENTICATED' ? 'Please sign in.' : failure.message
    return undefined
  }
}

/** Shows the tasks again after every change. Rejects when the visitor signs out. */
export async function keepShowing(client: Client, element: HTMLElement, signal: AbortSignal): Promise<void> {
  await client.changes.follow({
    after: await show(client, element),
    onChange: async () => void (await show(client, element)),
    onStatus: ({ state }) => void (element.dataset['state'] = state),
    signal,
  })
}
