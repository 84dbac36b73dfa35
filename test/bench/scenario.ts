// What a scenario is.
import type { Cores } from './cores.js'
import type { Progress } from './progress.js'
import type { Report } from './report.js'

export interface Scenario {
  /** What it is called on the command line. */
  readonly name: string
  readonly title: string
  run(context: Context): Promise<Report>
}

export interface Context {
  readonly cores: Cores
  /** How long a slice of load lasts. */
  readonly seconds: number
  readonly progress: Progress
}
