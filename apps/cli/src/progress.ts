import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'
import { printable } from './screen.ts'
import { cut } from './width.ts'

export interface Progress {
  update(done: number, total: number): void
  stop(): void
}

/** Fewer are done in a moment. */
const LONG = 1000

/** A bar on the terminal while there is much to do; nothing in a pipe. */
export function createProgress({ err }: Pick<Io, 'err'>, what: string): Progress {
  let bar: SingleBar | undefined
  return {
    update(done, total) {
      if (err.isTTY !== true || total < LONG) return
      if (bar === undefined) {
        bar = new SingleBar({
          format: `${cut(printable(what), 30).replaceAll('{', '(')} [{bar}] {value} of {total}`,
          stream: err,
          clearOnComplete: true,
          // Stopped by Ctrl-C it leaves the terminal as it was.
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
