// Another tab of the same browser: gives the test the store that the app has open.
import { createClient } from '@taskwire/client'
import { openStore, type Store } from '@taskwire/client/store'

declare global {
  var openTaskwire: () => Promise<Store>
}

globalThis.openTaskwire = async () => await openStore({ client: createClient({ url: 'http://localhost:4000' }) })
