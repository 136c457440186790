import { type Account, LIMITS } from '@taskwire/client'
import { type FormEvent, useState } from 'react'
import { Field } from '../account/field.tsx'
import { Outcome } from '../calls/outcome.tsx'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'

/** The name and the time zone of the account. */
export function AccountForm({ account, onChange }: { account: Account; onChange(): void }) {
  const [name, setName] = useState(account.name)
  const [timeZone, setTimeZone] = useState(account.timeZone)
  const action = useAction()
  const isChanged = name.trim() !== account.name || timeZone !== account.timeZone
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (await action.run(async () => await client.me.update.mutate({ name: name.trim(), timeZone }))) onChange()
  }
  const ofDevice = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <section className="card" aria-labelledby="account-title">
      <h2 id="account-title">Account</h2>
      {account.email !== null && <p className="soft">{account.email}</p>}
      <form onSubmit={(event) => void save(event)}>
        <Field
          label="Name"
          autoComplete="name"
          maxLength={LIMITS.accountName}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <p className="field">
          <label htmlFor="time-zone">Time zone</label>
          <select id="time-zone" value={timeZone} onChange={(event) => setTimeZone(event.target.value)}>
            {zonesWith(account.timeZone, ofDevice).map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
          <small>It decides what is due today.</small>
          {ofDevice !== timeZone && (
            <button type="button" className="link" onClick={() => setTimeZone(ofDevice)}>
              Use this device’s: {ofDevice.replaceAll('_', ' ')}
            </button>
          )}
        </p>
        <button className="primary" disabled={!isChanged || action.state === 'running'}>
          Save
        </button>
        <Outcome action={action} done={isChanged ? '' : 'Saved.'} />
      </form>
    </section>
  )
}

/** Returns the zones to choose from, with these: a browser may know them by other names. */
const zonesWith = (...zones: string[]): string[] =>
  [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...zones])].toSorted()
