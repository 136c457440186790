import { createHash } from 'node:crypto'
import { LIMITS } from '@taskwire/contract'

const STYLE = `
  :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
  body { max-width: 24rem; margin: 15vh auto; padding: 0 1rem }
  h1 { font-size: 1.5rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  input, button { margin: .25rem 0 1rem; padding: .5rem }
  [role=status]:not(:empty) { padding: .75rem; border: 2px solid }`

// The token stays in the URL until it is used, so that the page can be reloaded.
const SCRIPT = `
  const form = document.querySelector('form')
  const status = document.querySelector('[role=status]')
  const button = document.querySelector('button')
  const token = location.hash.slice(1)
  const INVALID = 'This link has been used or has expired. Ask for a new one.'
  function end(text) {
    form.hidden = true
    status.textContent = text
    history.replaceState(null, '', location.pathname)
  }
  function messageFor(response, reply) {
    const seconds = Number(response.headers.get('retry-after'))
    if (response.status === 429) return 'Too many attempts. Try again in ' + seconds + ' seconds.'
    const field = reply.fields && reply.fields[0]
    if (field) return 'The password ' + field.message + '.'
    return 'The password could not be changed. Try again.'
  }
  async function submit(event) {
    event.preventDefault()
    button.disabled = true
    status.textContent = 'One moment.'
    try {
      const response = await fetch('auth/reset-password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, password: form.elements.password.value }),
      })
      const reply = await response.json()
      if (response.ok) end('Your password has been changed, and every session has ended. Sign in with the new password.')
      else if (reply.code === 'INVALID_TOKEN') end(INVALID)
      else status.textContent = messageFor(response, reply)
    } catch {
      status.textContent = 'The service cannot be reached. Try again.'
    }
    button.disabled = false
  }
  form.addEventListener('submit', submit)
  if (token === '') end('This page needs the complete link: open it again exactly as you received it.')`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The page for setting a new password. It is the same for all links: the token is only in the URL. */
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
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  },
}
