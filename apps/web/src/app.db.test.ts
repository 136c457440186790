import { hasChromium, whySkipped } from '@taskwire/api/browser-testing'
import { describe } from 'vitest'
import { byKeyboard } from './testing/scenarios/by-keyboard.ts'
import { mainPath } from './testing/scenarios/main-path.ts'
import { everyScreen } from './testing/scenarios/every-screen.ts'
import { offline } from './testing/scenarios/offline.ts'
import { twoBrowsers } from './testing/scenarios/two-browsers.ts'

// In one file, so that they share a browser and a service.
const SCENARIOS = {
  'the main path': mainPath,
  'by the keyboard alone': byKeyboard,
  'two browsers of one account': twoBrowsers,
  'without a network': offline,
  'every screen': everyScreen,
}

describe.skipIf(!hasChromium)(`the front end${whySkipped}`, () => {
  describe.each(Object.entries(SCENARIOS))('%s', (_what, define) => {
    define()
  })
})
