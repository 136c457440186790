import { z } from 'zod'
import { type Change, change } from './change.ts'
import { revision } from './values.ts'

/**
 * One event of the feed. `head` comes once everything up to its revision has been sent, and as a
 * heartbeat. An open set: pass over what has neither.
 */
export type FeedItem =
  | { type: 'change'; change: Change; revision?: undefined }
  | { type: 'head'; revision: number; change?: undefined }
  | { type: string & {}; change?: undefined; revision?: undefined }

export const feedItem: z.ZodType<FeedItem, FeedItem> = z
  .union([
    z.object({ type: z.literal('change'), change }),
    z.object({ type: z.literal('head'), revision }),
    // What a newer service may send.
    z.object({ type: z.string().regex(/^(?!(change|head)$)/) }),
  ])
  .meta({ id: 'FeedItem' })

export interface FeedInput {
  /** Exclusive: 0 is from the start, and without it from now. */
  after?: number | undefined
  /** The id of the last event that was received; wins over `after`. EventSource sends it by itself. */
  lastEventId?: string | undefined
}

const notAnId = { error: 'is not the id of an event of this feed: a revision, in digits' }
export const feedInput: z.ZodType<FeedInput, FeedInput> = z.strictObject({
  after: revision.optional(),
  lastEventId: z
    .string(notAnId)
    .regex(/^\d{1,16}$/, notAnId)
    .refine((digits) => Number.isSafeInteger(Number(digits)), notAnId)
    .optional(),
})
