// The public names of create-robaccia.
export { type Choices, createApp, CreateError } from './create-app.js'
export type { Database } from './databases.js'
export { runCreate } from './run-create.js'
export type { Streams } from './streams.js'
