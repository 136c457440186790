import { useTasks } from '@taskwire/client/react'
import { startTransition, Suspense, use, useLayoutEffect, useState } from 'react'
import { type Counted, render, sent, until } from './harness.tsx'

/** Two components use the same query, with a list between them that takes long to render, while the store changes. */
export async function tearing({ store }: Counted) {
  let show = (_isOn: boolean): void => {}
  let isRendering = false
  const interrupted = { times: 0 }
  const torn: string[] = []

  function Count() {
    return <output>{useTasks({ complete: false }).length}</output>
  }
  function Slow({ index }: { index: number }) {
    if (index === 0) isRendering = true
    const end = performance.now() + 5
    while (performance.now() < end);
    return null
  }
  function Both() {
    const [isOn, setIsOn] = useState(false)
    show = setIsOn
    useLayoutEffect(() => {
      isRendering = false
      const [first, second] = [...document.querySelectorAll('output')].map(({ textContent }) => textContent)
      if (first !== second) torn.push(`${first} ${second}`)
    })
    if (!isOn) return 'off'
    return (
      <>
        <Count />
        {Array.from({ length: 60 }, (_, index) => (
          <Slow key={index} index={index} />
        ))}
        <Count />
      </>
    )
  }
  const { element, shows, unmount } = render(store, <Both />, { isStrict: false })
  await shows('off')
  const all = store.tasks.query({ complete: false })
  const end = all.subscribe(() => isRendering && interrupted.times++)
  let made = 0
  while (interrupted.times < 3) {
    startTransition(() => show(true))
    await store.tasks.create({ title: `Task ${++made}` })
    await until(all, ({ length }) => length === made)
    await shows(`${made}${made}`)
    show(false)
    await shows('off')
  }
  end()
  await unmount()
  return { torn, isEmpty: !element.isConnected }
}

/** A component suspends after it has called a hook, while the store changes. */
export async function suspense(counted: Counted) {
  const { store } = counted
  const before = counted.subscriptions
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const
  let next = (): void => {}

  function Later({ gate }: { gate: Promise<string> }) {
    const tasks = useTasks()
    return `${use(gate)} ${tasks.length}`
  }
  function Page() {
    const [turn, setTurn] = useState<0 | 1>(0)
    next = () => setTurn(1)
    return (
      <Suspense fallback="wait">
        <Later gate={gates[turn].promise} />
      </Suspense>
    )
  }
  const { shows, unmount } = render(store, <Page />)
  await shows('wait')
  const suspended = counted.subscriptions - before
  await store.tasks.create({ title: 'One' })
  await sent(store)
  gates[0].resolve('first')
  await shows('first 1')
  const shown = counted.subscriptions - before
  // Without a transition, the fallback hides what was shown.
  next()
  await store.tasks.create({ title: 'Two' })
  gates[1].resolve('second')
  await shows('second 2')
  await unmount()
  return { suspended, shown, after: counted.subscriptions - before }
}
