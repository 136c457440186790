import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'
import { printable } from './screen.ts'
import { cut } from './width.ts'

export interface Progress {
  update(done: number, total: number): void
  stop(): void
}

/** For fewer tasks, no bar is shown: they take only a moment. */
const MIN_TOTAL = 1000

/** Creates a progress bar, which is shown on a terminal only. */
export function createProgress({ err }: Pick<Io, 'err'>, label: string): Progress {
  let bar: SingleBar | undefined
  return {
    update(done, total) {
      if (err.isTTY !== true || total < MIN_TOTAL) return
      if (bar === undefined) {
        bar = new SingleBar({
          format: `${cut(printable(label), 30).replaceAll('{', '(')} [{bar}] {value} of {total}`,
          stream: err,
          clearOnComplete: true,
          // With a hidden cursor, Ctrl-C would leave the terminal without one.
          hideCursor: false,
          linewrap: true,
        })
        bar.start(total, done)
      }
      bar.update(done)
    },
    stop: () => bar?.stop(),
  }
}
