// The public names of @robaccia/core, grouped as in the README.
export type {
  App,
  Body,
  Chunk,
  Environ,
  EnvironWith,
  HeaderList,
  Middleware,
  Notes,
  Outcome,
  ServerPort,
  StartResponse,
} from './contract.js'
export { compose } from './compose.js'
export { byteLength, callApp, closeBody, isWhole, mapBody, readAll, toBytes } from './body.js'
export type { Response } from './body.js'
export {
  badRequest,
  conflict,
  empty,
  forbidden,
  gone,
  html,
  json,
  methodNotAllowed,
  notAcceptable,
  notFound,
  redirect,
  text,
} from './response.js'
export type { ResponseOptions } from './response.js'
export { serve } from './serve.js'
export type { ServeOptions, Serving } from './serve.js'
