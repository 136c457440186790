import { hasChromium, whySkipped } from '@taskwire/api/browser-testing'
import { describe } from 'vitest'
import { conflicts } from './scenarios/conflicts.ts'
import { cuts } from './scenarios/cuts.ts'
import { erasing } from './scenarios/erasing.ts'
import { inputs } from './scenarios/inputs.ts'
import { kills } from './scenarios/kills.ts'
import { lateReplies } from './scenarios/late-replies.ts'
import { liveChanges } from './scenarios/live-changes.ts'
import { newVersions } from './scenarios/new-versions.ts'
import { oldLogs } from './scenarios/old-logs.ts'
import { pages } from './scenarios/pages.ts'
import { refusals } from './scenarios/refusals.ts'
import { sessions } from './scenarios/sessions.ts'
import { severalTabs } from './scenarios/several-tabs.ts'
import { staleTabs } from './scenarios/stale-tabs.ts'
import { storage } from './scenarios/storage.ts'

// In one file, so that they share a browser and a service.
const SCENARIOS = {
  'while the network is cut': cuts,
  'when something is killed': kills,
  'while other devices change things': liveChanges,
  'when replies arrive late': lateReplies,
  'when the session changes': sessions,
  'when two devices edit a task': conflicts,
  'in several tabs': severalTabs,
  'when a tab has not read what another has written': staleTabs,
  'when callers pass unusual values': inputs,
  'when the page gets a new version': newVersions,
  'when an edit is refused': refusals,
  'when Changes that were missed are no longer kept': oldLogs,
  'when rows are written to their pages': pages,
  'when storage is full, deleted or blocked': storage,
  'when it is erased': erasing,
}

describe.skipIf(!hasChromium)(`the store in a browser${whySkipped}`, () => {
  describe.each(Object.entries(SCENARIOS))('%s', (_when, define) => {
    define()
  })
})
