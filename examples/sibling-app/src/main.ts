// Prints the next due tasks. TASKWIRE_TOKEN is a session's token, or a key with the scope tasks:read.
import { createClient } from '@taskwire/client'

const { TASKWIRE_URL = 'http://localhost:4000', TASKWIRE_TOKEN } = process.env
const client = createClient({ url: TASKWIRE_URL, token: TASKWIRE_TOKEN })

const [{ open, overdue }, { items }] = await Promise.all([
  client.tasks.count.query(),
  client.tasks.list.query({ filter: { complete: false }, sort: { by: 'due', direction: 'asc' }, limit: 5 }),
])
console.log(`${open} open, ${overdue} overdue`)
for (const { title, due } of items) console.log(`- ${title}${due === null ? '' : `, due ${due.date}`}`)
