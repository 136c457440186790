import type { Client, TaskDraft } from '@taskwire/client'

/** A date, this many days from today. */
function day(offset: number): string {
  const date = new Date()
  date.setUTCDate(date.getUTCDate() + offset)
  return date.toISOString().slice(0, 10)
}

/** Fills an account with the tasks of a week. */
export async function addSampleWeek(client: Client): Promise<void> {
  const timeZone = 'Europe/Berlin'
  await client.me.update.mutate({ timeZone })
  const at = (offset: number, time: string) => ({ date: day(offset), time, timeZone })
  const listNamed = async (name: string): Promise<string> => (await client.lists.create.mutate({ name })).id
  const home = await listNamed('Home')
  const work = await listNamed('Work')
  const lisbon = await listNamed('Lisbon in May')
  const drafts: TaskDraft[] = [
    { title: 'Ask Cleo for the recipe of her lentil soup' },
    { title: 'Find out why the bicycle bell rings by itself', tags: ['errand'] },
    { title: 'Read the chapter on locks', priority: 'low', description: 'Pages 210 to 248, then the exercises.' },
    { title: 'Write down what the garden needs in spring' },
    { title: 'Pay the electricity bill', due: { date: day(-2) }, priority: 'high', listId: home },
    { title: 'Return the library books', due: { date: day(-1) }, tags: ['errand'], listId: home },
    { title: 'Call the bank about the card', due: at(0, '09:00'), tags: ['calls'], priority: 'urgent' },
    { title: 'Send the offer to Blum & Sons', tags: ['waiting'], listId: work },
    { title: 'Water the plants', due: { date: day(0) }, listId: home },
    { title: 'Prepare the review', due: at(1, '10:00'), priority: 'medium', listId: work },
    { title: 'Buy milk, bread and coffee', due: { date: day(1) }, tags: ['errand'], listId: home },
    { title: 'Dentist', due: at(3, '08:15'), listId: home },
    { title: 'Book the train to Lisbon', due: { date: day(4) }, tags: ['travel'], listId: lisbon },
    { title: 'Renew the passport', due: { date: day(9) }, tags: ['travel'], priority: 'medium', listId: lisbon },
    { title: 'Look for a flat with a view of the river', tags: ['travel'], listId: lisbon },
  ]
  const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts })
  const offer = tasks.find(({ title }) => title.startsWith('Send the offer'))
  if (offer === undefined) throw new Error('The sample has no offer')
  await client.tasks.update.mutate({
    id: offer.id,
    changes: { description: 'With the new prices; Cleo has the list.' },
  })
  await client.tasks.update.mutate({ id: offer.id, changes: { due: at(0, '16:30'), priority: 'high' } })
  const done = ['Thank Bob for the photos', 'Repair the kitchen drawer', 'Order new filters']
  for (const title of done) {
    const { id } = await client.tasks.create.mutate({ title, listId: home })
    await client.tasks.complete.mutate({ id })
  }
  for (const title of ['An old idea', 'Draft of a letter']) {
    const { id } = await client.tasks.create.mutate({ title })
    await client.tasks.delete.mutate({ id })
  }
}
