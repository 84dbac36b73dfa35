// The public names of @robaccia/db/dump.
export { LoadError } from './dump-format.js'
export { dump, type DumpOptions } from './dump-write.js'
export { load, type LoadOptions } from './dump-load.js'
