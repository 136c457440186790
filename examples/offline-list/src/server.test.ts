import { createClient } from '@taskwire/client'
import { TaskwireProvider, useMutations, useTasks } from '@taskwire/client/react'
import { openStore } from '@taskwire/client/store'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'

const client = createClient({ url: 'http://localhost:4000' })
const Tasks = () => useTasks().length

test('on a server, a provider shows nothing, as at first in a browser', () => {
  const signIn = () => 'sign in'
  const page = createElement('main', {}, createElement(TaskwireProvider, { client, signIn }, createElement(Tasks)))
  expect(renderToString(page)).toBe('<main></main>')
})

test('on a server, a store cannot be opened, and the error says why', async () => {
  await expect(openStore({ client })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/^A store needs IndexedDB.*, which this page lacks; browsers offer them/),
  })
})

test.each([['useTasks', Tasks] as const, ['useMutations', () => typeof useMutations()] as const])(
  'without a provider, %s throws an error that names the remedy',
  (_name, Component) => {
    expect(() => renderToString(createElement(Component))).toThrow(
      /^There is no store: render this component inside <TaskwireProvider client={client} signIn={SignIn}>, or /,
    )
  },
)
