import { z } from 'zod'
import { type Change, change } from './change.ts'
import { revision } from './values.ts'
import type { Schema } from './schema.ts'

/**
 * One event of the feed. `change` has a Change. `head` says that every Change up to its revision has been sent; it is
 * also sent as a heartbeat. The types are an open set: ignore items of any other type.
 */
export type FeedItem =
  | { type: 'change'; change: Change; revision?: undefined }
  | { type: 'head'; revision: number; change?: undefined }
  | { type: string & {}; change?: undefined; revision?: undefined }

export const feedItem: Schema<FeedItem> = z
  .union([
    z.object({ type: z.literal('change'), change }),
    z.object({ type: z.literal('head'), revision }),
    // A newer service may send other types.
    z.object({ type: z.string().regex(/^(?!(change|head)$)/) }),
  ])
  .meta({ id: 'FeedItem' })

export interface FeedInput {
  /** Exclusive: sends Changes with a higher revision. 0 starts at the beginning of the log; absent starts now. */
  after?: number | undefined
  /** The id of the last event received; takes precedence over `after`. EventSource sends it by itself. */
  lastEventId?: string | undefined
}

const notAnEventId = { error: 'is not an event id of this feed: a revision, written in digits' }
export const feedInput: Schema<FeedInput> = z.strictObject({
  after: revision.optional(),
  lastEventId: z
    .string(notAnEventId)
    .regex(/^\d{1,16}$/, notAnEventId)
    .refine((digits) => Number.isSafeInteger(Number(digits)), notAnEventId)
    .optional(),
})
