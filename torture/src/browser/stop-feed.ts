import type { Tab } from './tab.ts'

/** Lets no new feed of the page connect, until the page is loaded again. */
export async function stopFeed(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    const { fetch } = globalThis
    globalThis.fetch = async (input, init) =>
      typeof input === 'string' && input.includes('changes.subscribe')
        ? await new Promise(() => {})
        : await fetch(input, init)
  })
}
