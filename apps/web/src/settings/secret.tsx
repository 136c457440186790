import { Check, Copy } from 'lucide-react'
import { useRef, useState } from 'react'

/** The secret of a new key, which is never shown again. */
export function Secret({ secret, onClose }: { secret: string; onClose(): void }) {
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState(false)
  async function copy(): Promise<void> {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(secret)
      setCopied(true)
    } catch {
      // The browser does not allow it. The secret is selected, so that the user can copy it.
    }
  }
  return (
    <div className="secret" role="group" aria-label="The secret of the new key">
      <p>
        <strong>Copy the secret now.</strong> It is not shown again. Anyone who has it can act for you.
      </p>
      <div className="row">
        <input ref={field} aria-label="Secret" readOnly value={secret} onFocus={(event) => event.target.select()} />
        <button type="button" className="primary" onClick={() => void copy()}>
          {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />} {isCopied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  )
}
