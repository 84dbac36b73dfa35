// Where a Chromium is: CHROMIUM, or the usual places of systems and their packages.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

export const chromiumPath: string | undefined =
  process.env.CHROMIUM ?? places.find((place) => existsSync(place))

export const howToGetIt =
  'The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path.'

/** Starts it headless, and so that it asks nobody on the network for anything. */
export function launch(executablePath: string): Promise<Browser> {
  const quiet = [
    'no-first-run',
    'disable-background-networking',
    'disable-component-update',
    'disable-sync',
  ]
  const args = ['no-sandbox', 'disable-gpu', 'disable-quic', ...quiet].map((name) => `--${name}`)
  return chromium.launch({ executablePath, args })
}
