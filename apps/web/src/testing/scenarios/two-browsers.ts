import { PHONE, test } from '../fixtures.ts'

export function twoBrowsers(): void {
  test('each shows what the other does', async ({ ada, open }) => {
    const [first, second] = [await open(), await open(PHONE)]
    for (const window of [first, second]) await window.signIn(ada)
    await first.add('Buy milk')
    await second.shows('Buy milk')
    await second.checkbox('Buy milk').click()
    await first.shows()
    await ada.phone.tasks.create.mutate({ title: 'Answer Bob' })
    for (const window of [first, second]) await window.shows('Answer Bob')
  })
}
