// The public names of @robaccia/core/koa: the contract on Koa, and Koa's own under the contract.
export { toKoa } from './to-koa.js'
export type { KoaOptions } from './to-koa.js'
export { fromKoa, fromKoaApp } from './from-koa.js'
export type { KoaMiddleware } from './from-koa.js'
export { koaContext } from './koa-context.js'
