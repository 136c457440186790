import { hasChromium, whySkipped } from '@taskwire/api/browser-testing'
import { describe } from 'vitest'
import { anyLanguage } from './testing/scenarios/any-language.ts'
import { bytes } from './testing/scenarios/bytes.ts'
import { byKeyboard } from './testing/scenarios/by-keyboard.ts'
import { files } from './testing/scenarios/files.ts'
import { mainPath } from './testing/scenarios/main-path.ts'
import { commands } from './testing/scenarios/commands.ts'
import { everyScreen } from './testing/scenarios/every-screen.ts'
import { offline } from './testing/scenarios/offline.ts'
import { twoBrowsers } from './testing/scenarios/two-browsers.ts'
import { undecided } from './testing/scenarios/undecided.ts'

// In one file, so that they share a browser and a service.
const SCENARIOS = {
  'the main path': mainPath,
  'by the keyboard alone': byKeyboard,
  'two browsers of one account': twoBrowsers,
  'without a network': offline,
  'conflicts and refusals': undecided,
  files: files,
  'commands and dragging': commands,
  'any language': anyLanguage,
  'the bytes of the scripts': bytes,
  'every screen': everyScreen,
}

describe.skipIf(!hasChromium)(`the front end${whySkipped}`, () => {
  describe.each(Object.entries(SCENARIOS))('%s', (_what, define) => {
    define()
  })
})
