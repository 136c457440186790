import { client } from '../client.ts'
import { NotReached } from '../calls/not-reached.tsx'
import { useQuery } from '../calls/use-query.ts'
import { PlainPage } from '../shell/plain-page.tsx'
import { AccountForm } from './account-form.tsx'
import { EraseAccount } from './erase-account.tsx'
import { Keys } from './keys.tsx'
import { PasswordForm } from './password-form.tsx'
import { YourData } from './your-data.tsx'

const readAccount = async () => await client.me.get.query()

/** The account: who it is, its password, keys and data. All of it is kept by the service alone. */
export function SettingsPage() {
  const { value: account, problem, reload } = useQuery(readAccount)
  return (
    <PlainPage title="Settings">
      {account === undefined && (
        <div className="empty" aria-live="polite">
          {problem === undefined ? (
            <p>Loading your settings…</p>
          ) : (
            <>
              <p>Your settings are kept by the service. {problem}</p>
              <button type="button" onClick={reload}>
                Try again
              </button>
            </>
          )}
        </div>
      )}
      {account !== undefined && (
        <>
          <NotReached>These settings are kept there. You can change them once it can be reached again.</NotReached>
          <AccountForm account={account} onChange={reload} />
          {/* Users of another system have their password there. */}
          {account.externalId === null && <PasswordForm email={account.email ?? ''} />}
          <Keys timeZone={account.timeZone} />
          <YourData timeZone={account.timeZone} />
          <EraseAccount proof={account.email ?? account.name} />
        </>
      )}
    </PlainPage>
  )
}
