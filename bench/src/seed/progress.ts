/** A progress bar on standard error; if standard error is not a terminal, lines. */
export interface Progress {
  /** Starts a phase. */
  phase(name: string, steps: number): void
  step(done?: number): void
  end(): void
}

const WIDTH = 32

export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  let name = ''
  let steps = 1
  let done = 0
  let started = performance.now()
  let lastPercent = -1

  function finish(): void {
    if (name === '') return
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    out.write(out.isTTY ? `\r\u001b[K  ${name}: ${seconds} s\n` : `  ${name}: ${seconds} s\n`)
    name = ''
  }

  function draw(): void {
    const share = Math.min(1, done / steps)
    const seconds = (performance.now() - started) / 1000
    const left = share > 0.02 && share < 1 ? `, ${Math.ceil((seconds / share) * (1 - share))} s left` : ''
    const percent = Math.floor(share * 100)
    if (out.isTTY) {
      const full = Math.round(share * WIDTH)
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
      out.write(`\r\u001b[K  ${name.padEnd(24)} ${bar} ${String(percent).padStart(3)} %${left}`)
    } else if (percent >= lastPercent + 20) {
      lastPercent = percent
      out.write(`  ${name}: ${percent} %${left}\n`)
    }
  }

  return {
    phase(next, count) {
      finish()
      name = next
      steps = Math.max(1, count)
      done = 0
      lastPercent = 0
      started = performance.now()
      if (out.isTTY) draw()
    },
    step(count = 1) {
      done += count
      draw()
    },
    end: finish,
  }
}
