// The public names of @robaccia/log.
export { log, type LogOptions } from './log.js'
export type { Destination } from './destination.js'
export type { Entry } from './entry.js'
export type { Format } from './output.js'
export { metrics, type Metrics, type MetricsOptions } from './metrics.js'
