// Adds a reminder to a customer's tasks for each unpaid invoice. The job can be stopped and run again at any time: the
// mutation id is derived from the number of the invoice, so each reminder is created once.
import { createClient, failureOf } from '@taskwire/client'
import { idFor } from '@taskwire/client/id-for'

const { TASKWIRE_URL = 'http://localhost:4000', TASKWIRE_KEY, TASKWIRE_USER } = process.env
if (TASKWIRE_KEY === undefined || TASKWIRE_USER === undefined)
  throw new Error('Set TASKWIRE_KEY to a service key with the scope tasks:write, and TASKWIRE_USER to the id of a user')

const client = createClient({ url: TASKWIRE_URL, token: TASKWIRE_KEY, actingAs: TASKWIRE_USER })
const unpaid = [
  { number: 'A-1001', due: '2026-12-01' },
  { number: 'A-1002', due: '2026-12-15' },
]

async function remind({ number, due }: { number: string; due: string }): Promise<string> {
  const mutationId = idFor('invoice-reminder', number)
  try {
    const task = await client.tasks.create.mutate({ title: `Pay invoice ${number}`, due: { date: due }, mutationId })
    return `${number}: task ${task.id}`
  } catch (error) {
    // Applied more than a day ago: the service has kept the mutation id, but not the reply.
    if (failureOf(error).appCode === 'MUTATION_APPLIED') return `${number}: created earlier`
    throw error
  }
}

// Calls made at once share a request.
console.log((await Promise.all(unpaid.map(remind))).join('\n'))
