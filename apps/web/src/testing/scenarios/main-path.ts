import { expect } from 'vitest'
import { ADDRESS, test } from '../fixtures.ts'

export function mainPath(): void {
  test('a new user signs up, plans tasks, completes one and takes it back', async ({ open, service }) => {
    const { page, add, row, checkbox, go, shows, says } = await open()
    await page.getByRole('button', { name: 'I am new here' }).click()
    await page.getByLabel('Name').fill('Ada')
    await page.getByLabel('Email').fill(`new-${Date.now()}@example.com`)
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()

    await add('!high')
    await page.getByText('Write what is to be done, too').waitFor()
    await add('Buy milk')
    await add('call the bank tomorrow 9am #Home @errand !high')
    await shows('Buy milk')
    await go('Home')
    await shows('call the bank')
    expect(await row('call the bank').textContent()).toMatch(/Tomorrow, 09:00.*High.*@errand/)
    await go('Upcoming')
    await shows('call the bank')

    await go('Inbox')
    await checkbox('Buy milk').click()
    await shows()
    await page.getByRole('button', { name: 'Undo' }).click()
    await shows('Buy milk')
    expect(await checkbox('Buy milk').isChecked()).toBe(false)
    await says('Synced')
    const [{ count } = {}] = await service.admin(
      "select count(*)::int from tw.tasks where title in ('Buy milk', 'call the bank')",
    )
    expect(count).toBe(2)
  })

  test('a task is changed in its details, moved to the trash and restored', async ({ ada, open }) => {
    const { page, signIn, row, go, shows, says } = await open()
    const list = await ada.phone.lists.create.mutate({ name: 'Work' })
    const { id } = await ada.phone.tasks.create.mutate({ title: 'Write' })
    await signIn(ada)
    await row('Write').click()
    const details = page.getByRole('complementary')
    await details.getByLabel('Title').fill('Write the report')
    await details.getByLabel('Description').fill('By Friday')
    await details.getByLabel('Priority').selectOption('urgent')
    await details.getByLabel('Tags').fill('desk')
    await details.getByLabel('Tags').press('Enter')
    await details.getByRole('button', { name: 'Tomorrow' }).click()
    await details.getByLabel('List').selectOption('Work')
    // The state changes with the click, so this is not that of before.
    await says('Synced')
    expect(await ada.phone.tasks.get.query({ id })).toMatchObject({
      title: 'Write the report',
      description: 'By Friday',
      priority: 'urgent',
      tags: ['desk'],
      listId: list.id,
    })
    await details.getByRole('button', { name: 'Delete' }).click()
    await go('Trash')
    await shows('Write the report')
    await row('Write the report').click()
    await details.getByRole('button', { name: 'Restore' }).click()
    await go('Work')
    await shows('Write the report')
    await row('Write the report').click()
    await details.getByLabel('Title').fill('Write the long report')
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'detached' })
    await shows('Write the long report')
    await row('Write the long report').click()
    await details.getByRole('checkbox', { name: 'Complete' }).click()
    await shows()
    await go('Completed')
    await shows('Write the long report')
  })

  test('what is typed into the details is kept by the browser’s Back, and asked about before a reload', async ({
    ada,
    open,
  }) => {
    const { page, signIn, row, shows } = await open()
    const { id } = await ada.phone.tasks.create.mutate({ title: 'Write' })
    await signIn(ada)
    await row('Write').click()
    await page.getByLabel('Title').fill('Write the report')
    await page.goBack()
    await shows('Write the report')
    await row('Write the report').click()
    await page.getByLabel('Tags').fill('desk')
    await page.goBack()
    await row('Write the report').getByText('@desk').waitFor()
    await row('Write the report').click()
    await page.getByLabel('Description').fill('By Friday')
    const asked = page.waitForEvent('dialog')
    // Without the timer, the call would wait for the dialog.
    await page.evaluate(() => void setTimeout(() => location.reload()))
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    // To stay.
    await dialog.dismiss()
    const readAgain = async () => await ada.phone.tasks.get.query({ id })
    await expect.poll(readAgain).toMatchObject({ title: 'Write the report', description: 'By Friday', tags: ['desk'] })
  })

  test('a date that is typed is saved once, when the user leaves it', async ({ ada, open }) => {
    const { page, signIn, row, says } = await open()
    const { id } = await ada.phone.tasks.create.mutate({ title: 'Write' })
    await signIn(ada)
    await row('Write').click()
    const date = page.getByLabel('Due date')
    // Whether the day or the month comes first.
    await date.pressSequentially('05052031')
    await date.blur()
    await says('Synced')
    expect(await ada.phone.tasks.get.query({ id })).toMatchObject({ due: { date: '2031-05-05' } })
    await date.focus()
    await date.pressSequentially('06062032')
    // To the calendar in the field.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Escape')
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    await says('Synced')
    expect(await ada.phone.tasks.get.query({ id })).toMatchObject({ due: { date: '2032-06-06' } })
    const { changes } = await ada.phone.changes.list.query({ after: 0, entityId: id })
    expect(changes.map(({ action }) => action)).toEqual(['create', 'update', 'update'])
  })

  test('a second list of the same name is refused at once', async ({ ada, open }) => {
    await ada.phone.lists.create.mutate({ name: 'Garden' })
    const { page, signIn, says } = await open()
    await signIn(ada)
    await page.getByRole('navigation').getByRole('link', { name: 'Garden' }).waitFor()
    await page.getByRole('button', { name: 'Add list' }).click()
    await page.getByLabel('Name of the new list').fill('garden')
    await page.getByLabel('Name of the new list').press('Enter')
    await page.getByText(/^There is a list .* already/).waitFor()
    await says('Synced')
    expect(
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /garden/i })
        .count(),
    ).toBe(1)
  })

  test('a link to a list opens it on a new device', async ({ ada, open }) => {
    const list = await ada.phone.lists.create.mutate({ name: 'Work' })
    await ada.phone.tasks.create.mutate({ title: 'Write', listId: list.id })
    const { page, signIn, shows } = await open()
    await page.goto(`${ADDRESS}/lists/${list.id}`)
    await signIn(ada)
    await page.getByRole('heading', { level: 1, name: 'Work' }).waitFor()
    await shows('Write')
  })

  test('a wrong password leaves what was typed, and what is known is said', async ({ ada, open }) => {
    const { page } = await open()
    await page.getByLabel('Email').fill(ada.email)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The email or the password is wrong.').waitFor()
    expect(await page.getByLabel('Email').inputValue()).toBe(ada.email)
    expect(await page.getByLabel('Password').inputValue()).toBe('not the password')
    await page.getByRole('button', { name: 'I am new here' }).click()
    await page.getByLabel('Name').fill('Ada')
    await page.getByLabel('Email').fill(ada.email)
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('This email has an account already.').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada')
    // It is not cut: the whole of it would not fit later.
    await page.getByLabel('Password').fill('correct horse battery'.repeat(10))
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('is longer than 128 characters').waitFor()
    await page.getByRole('button', { name: 'I have an account' }).click()
    await page.getByLabel('Email').fill(ada.email)
    await page.getByLabel('Password').fill(ada.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('textbox', { name: 'Add task' }).waitFor()
  })
}
