import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The path of an installed Chromium or Chrome, if any. */
export const CHROMIUM: string | undefined = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)

/** Opens a page in a headless browser with a temporary profile. Disposing closes the browser. */
export async function openChromium(
  program: string,
  url: string,
): Promise<AsyncDisposable & { failed: Promise<never> }> {
  const profile = await mkdtemp(join(tmpdir(), 'taskwire-chromium-'))
  // As root, Chromium does not start with its sandbox. The test's page is all that it opens.
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run']
  const browser = spawn(program, [...flags, '--disable-background-networking', `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = collectErrors(browser)
  const failed = ended.then((output) => {
    throw new Error(`Chromium exited before the page reported its result:\n${output}`)
  })
  failed.catch(() => {})
  return {
    failed,
    async [Symbol.asyncDispose]() {
      browser.kill()
      // The pipe closes when all processes of Chromium have exited.
      await ended
      await rm(profile, { recursive: true })
    },
  }
}

/** Resolves with standard error when the browser has exited. */
async function collectErrors(browser: ChildProcess): Promise<string> {
  let output = ''
  browser.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await new Promise((resolve) => browser.once('close', resolve))
  return output
}
