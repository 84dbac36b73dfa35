// A Chromium, headless, that asks nobody on the network for anything.
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

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
