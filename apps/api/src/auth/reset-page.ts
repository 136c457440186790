import { createHash } from 'node:crypto'
import { LIMITS } from '@taskwire/contract'

const STYLE = `
  :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
  body { max-width: 24rem; margin: 15vh auto; padding: 0 1rem }
  h1 { font-size: 1.5rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  input, button { margin: .25rem 0 1rem; padding: .5rem }
  [role=status]:not(:empty) { padding: .75rem; border: 2px solid }`

// The token stays in the address until it has been used up, so that the page can be loaded again.
const SCRIPT = `
  const form = document.querySelector('form')
  const status = document.querySelector('[role=status]')
  const button = document.querySelector('button')
  const token = location.hash.slice(1)
  const DEAD = 'This link has been used or is too old. Ask for a new one.'
  function end(text) {
    form.hidden = true
    status.textContent = text
    history.replaceState(null, '', location.pathname)
  }
  function wordsFor(response, reply) {
    const seconds = Number(response.headers.get('retry-after'))
    if (response.status === 429) return 'Too many attempts. Try again in ' + seconds + ' seconds.'
    const field = reply.fields && reply.fields[0]
    if (field) return 'The password ' + field.message + '.'
    return 'This could not be done at the moment. Try again.'
  }
  async function submit(event) {
    event.preventDefault()
    button.disabled = true
    status.textContent = 'One moment.'
    try {
      const response = await fetch('/auth/reset-password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, password: form.elements.password.value }),
      })
      const reply = await response.json()
      if (response.ok) end('Your password has been changed, and every session has ended. Sign in with the new password.')
      else if (reply.code === 'INVALID_TOKEN') end(DEAD)
      else status.textContent = wordsFor(response, reply)
    } catch {
      status.textContent = 'The service cannot be reached. Try again.'
    }
    button.disabled = false
  }
  form.addEventListener('submit', submit)
  if (token === '') end('This page needs the whole link: open it again, as it was given to you.')`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The page of a link to set a new password. It holds nothing of anybody's: the token is in its address alone. */
export const RESET_PAGE: { html: string; headers: Record<string, string> } = {
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Set a new password</title>
<style>${STYLE}</style>
<main>
  <h1>Set a new password</h1>
  <noscript><p>This page needs JavaScript.</p></noscript>
  <form>
    <label for="password">New password, ${LIMITS.passwordMin} to ${LIMITS.passwordMax} characters</label>
    <input id="password" name="password" type="password" autocomplete="new-password" required autofocus>
    <button>Set the password</button>
  </form>
  <p role="status"></p>
</main>
<script>${SCRIPT}</script>
</html>
`,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `script-src ${hashOf(SCRIPT)}`,
      `style-src ${hashOf(STYLE)}`,
      "connect-src 'self'",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
  },
}
