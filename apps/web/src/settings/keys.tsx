import type { ApiKey } from '@taskwire/client'
import { KeyRound } from 'lucide-react'
import { useRef, useState } from 'react'
import { readPages } from '../calls/pages.ts'
import { useAction } from '../calls/use-action.ts'
import { useQuery } from '../calls/use-query.ts'
import { client } from '../client.ts'
import { NewKey } from './new-key.tsx'
import { scopeWords } from './scopes.ts'

const readKeys = async () => await readPages(async (cursor) => await client.keys.list.query({ limit: 100, cursor }))

/** The keys with which programs act for the user. */
export function Keys({ timeZone }: { timeZone: string }) {
  const { value: keys, problem, reload } = useQuery(readKeys)
  const [revoking, setRevoking] = useState<ApiKey>()
  const dialog = useRef<HTMLDialogElement>(null)
  const action = useAction()
  async function revoke(): Promise<void> {
    if (revoking === undefined) return
    if (await action.run(async () => await client.keys.revoke.mutate({ id: revoking.id }))) reload()
  }
  return (
    <section className="card" aria-labelledby="keys-title-settings">
      <h2 id="keys-title-settings">API keys</h2>
      <p className="soft">A key lets a program act for you, such as the command line or a script of your own.</p>
      <p role="alert">{action.problem ?? problem}</p>
      {keys === undefined && problem === undefined && <p className="soft">Loading…</p>}
      {keys?.length === 0 && <p className="soft">You have no keys.</p>}
      <ul className="api-keys" aria-label="Your keys">
        {keys?.map((key) => (
          <li key={key.id}>
            <KeyRound aria-hidden />
            <span>
              <strong>
                <bdi>{key.name}</bdi>
              </strong>
              <small>
                {scopeWords(key)} · created {dayOf(key.createdAt, timeZone)} · {expiryOf(key, timeZone)}
              </small>
            </span>
            <button
              type="button"
              aria-label={`Revoke ${key.name}`}
              onClick={() => {
                setRevoking(key)
                dialog.current?.showModal()
              }}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <NewKey timeZone={timeZone} onCreate={reload} />
      <dialog ref={dialog} aria-labelledby="revoke-title" closedby="any">
        <h2 id="revoke-title">
          Revoke “<bdi>{revoking?.name}</bdi>”?
        </h2>
        <p>Programs that use this key stop working at once. It cannot be undone.</p>
        <form method="dialog" className="row">
          <button className="danger" onClick={() => void revoke()}>
            Revoke the key
          </button>
          <button>Keep it</button>
        </form>
      </dialog>
    </section>
  )
}

const dayOf = (time: string, timeZone: string): string =>
  new Date(time).toLocaleDateString(undefined, { timeZone, dateStyle: 'medium' })

function expiryOf({ expiresAt }: ApiKey, timeZone: string): string {
  if (expiresAt === null) return 'does not expire'
  const day = dayOf(expiresAt, timeZone)
  return Date.parse(expiresAt) < Date.now() ? `expired ${day}` : `expires ${day}`
}
