import { expect } from 'vitest'
import { PHONE, test } from '../fixtures.ts'

const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(2)
const ARABIC = 'اتصل بالبنك غدًا'

export function anyLanguage(): void {
  test('long words are broken, and a title is written in its own direction', async ({ ada, open }) => {
    const list = await ada.phone.lists.create.mutate({ name: LONG.slice(0, 100) })
    await ada.phone.tasks.create.mutate({ title: LONG, listId: list.id, tags: [LONG.slice(0, 50)] })
    await ada.phone.tasks.create.mutate({ title: ARABIC, listId: list.id })
    const { page, signIn, go, row, shows } = await open(PHONE)
    await signIn(ada)
    await go(list.name)
    await shows(LONG, ARABIC)
    await row(LONG).click()
    await page.getByRole('complementary').waitFor()
    // On a phone, the details cover the rest.
    expect(await page.getByRole('main').count()).toBe(0)
    const overflow = async (): Promise<number> =>
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(await overflow()).toBe(0)
    await page.getByRole('button', { name: 'Close the details' }).click()
    expect(await overflow()).toBe(0)
    const direction = async (title: string): Promise<string> =>
      await row(title)
        .getByText(title)
        .evaluate((element) => getComputedStyle(element).direction)
    expect([await direction(LONG), await direction(ARABIC)]).toEqual(['ltr', 'rtl'])
  })

  test('the page can be turned round', async ({ ada, open }) => {
    await ada.phone.tasks.create.mutate({ title: ARABIC })
    await ada.phone.lists.create.mutate({ name: ARABIC })
    const { page, signIn, checkbox, shows } = await open()
    await signIn(ada)
    const name = page.getByRole('navigation').getByText(ARABIC)
    await name.waitFor()
    expect(await name.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl')
    await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    await shows(ARABIC)
    const edges = async (): Promise<(number | undefined)[]> => {
      const boxes = [page.getByRole('navigation'), page.getByRole('main'), checkbox(ARABIC)]
      return await Promise.all(boxes.map(async (box) => (await box.boundingBox())?.x))
    }
    const [navigation = 0, main = 0, box = 0] = await edges()
    expect(navigation).toBeGreaterThan(main)
    expect(box).toBeGreaterThan(main + 300)
  })

  test('a tag with any characters has a page', async ({ ada, open }) => {
    for (const tag of ['50%', 'zu Hause']) await ada.phone.tasks.create.mutate({ title: tag, tags: [tag] })
    const { page, signIn, go, shows } = await open()
    await signIn(ada)
    for (const tag of ['50%', 'zu Hause']) {
      await go(tag)
      await shows(tag)
      const link = page.getByRole('navigation').getByRole('link', { name: tag })
      expect(await link.getAttribute('aria-current')).toBe('page')
      await page.reload()
      await shows(tag)
    }
  })
}
