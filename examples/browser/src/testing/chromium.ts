import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian's, if it is there. */
export const CHROMIUM: string | undefined = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)

/** Opens a page in a browser without a window, with a profile of its own; closes it at the end of its scope. */
export async function openChromium(
  program: string,
  url: string,
): Promise<AsyncDisposable & { failed: Promise<never> }> {
  const profile = await mkdtemp(join(tmpdir(), 'taskwire-chromium-'))
  // No sandbox, which root may not have; the only page is the test's.
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run']
  const browser = spawn(program, [...flags, '--disable-background-networking', `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = end(browser)
  const failed = ended.then((said) => {
    throw new Error(`Chromium ended before the page told what it saw:\n${said}`)
  })
  failed.catch(() => {})
  return {
    failed,
    async [Symbol.asyncDispose]() {
      browser.kill()
      // All of its processes: each holds the pipe.
      await ended
      await rm(profile, { recursive: true })
    },
  }
}

async function end(browser: ChildProcess): Promise<string> {
  let said = ''
  browser.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve) => browser.once('close', resolve))
  return said
}
