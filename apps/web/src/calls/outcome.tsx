import type { Action } from './use-action.ts'

/** Says below a form whether its call succeeded. */
export function Outcome({ action, done }: { action: Action; done: string }) {
  return (
    <>
      <p role="alert">{action.problem}</p>
      <p className="done" aria-live="polite">
        {action.state === 'done' ? done : ''}
      </p>
    </>
  )
}
