// The public names of @robaccia/db/inspect.
export { drift } from './drift.js'
export type { FoundSchema, Remark } from './found.js'
export { modelSource } from './model-source.js'
export { readSchema } from './read-schema.js'
