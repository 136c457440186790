import { useLists, useTimeZone } from '@taskwire/client/react'
import { useToday } from '../views/today.ts'
import type { Known } from './describe-value.ts'

/** What the user of this page knows already of the values on it. */
export function useKnown(): Known {
  return { lists: useLists(), today: useToday(), timeZone: useTimeZone() }
}
