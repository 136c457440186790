import type { Progress } from './progress.ts'

/** What tabs tell each other. It is only to wake them: what matters is in the database. */
export type Message =
  /** The database has changed; with `edits`, there may be edits to send. */
  | { type: 'changed'; edits: boolean }
  /** The tab that syncs has come so far. */
  | { type: 'progress'; progress: Progress }
  /** A tab has opened, and wants to know the progress. */
  | { type: 'hello' }
  /** The tab that syncs shall try again now. */
  | { type: 'resume' }

/** The tabs in which the same store is open. */
export interface Tabs {
  /** Sends a message to all other tabs. */
  send(message: Message): void
  close(): void
}

export function openTabs(name: string, onMessage: (message: Message) => void): Tabs {
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => onMessage(data))
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- The rule is for windows: a channel reaches its own origin only.
    send: (message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}
