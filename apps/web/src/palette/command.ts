/** A page of the palette: everything, or the choices of one command. */
export type PalettePage = 'all' | 'move' | 'due' | 'priority' | 'tag' | 'new-list'

/** Something that the palette offers. */
export interface Command {
  id: string
  /** What it does, as people say it. */
  name: string
  /** The heading under which it is. */
  group: string
  /** The page that offers it. On the page of everything, it is found by its words too. */
  page: PalettePage
  /** It follows from what was written, whatever its own words are, and is offered on its page only. */
  isAnswer?: true
  /** The key that does the same without the palette. */
  key?: string
  /** Does it, or names the page that asks for more. */
  does: (() => unknown) | PalettePage
}

/** How many commands are shown at a time. */
const MOST = 60

/** Returns the commands of a page that have all words, the best first: those whose name begins with the text. */
export function findCommands(commands: readonly Command[], page: PalettePage, text: string): Command[] {
  const words = wordsOf(text)
  const isEverything = page === 'all' && words.length > 0
  const offered = commands.filter((command) => command.page === page || (isEverything && command.isAnswer !== true))
  const found = offered.filter(({ name, isAnswer }) => {
    if (isAnswer === true) return true
    const own = wordsOf(name)
    return words.every((word) => own.some((other) => other.startsWith(word)))
  })
  const start = words.join(' ')
  const isBest = ({ name }: Command): boolean => wordsOf(name).join(' ').startsWith(start)
  return [...found.filter(isBest), ...found.filter((command) => !isBest(command))].slice(0, MOST)
}

/** Returns the words of a text without case and accents. */
function wordsOf(text: string): string[] {
  const folded = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return folded.split(/[^\p{L}\p{N}\p{S}]+/u).filter((word) => word !== '')
}

/** Puts commands under their headings, which are in the order in which they first appear. */
export function groupsOf(commands: readonly Command[]): [group: string, commands: Command[]][] {
  return [...Map.groupBy(commands, ({ group }) => group)]
}
