// The public names of @robaccia/core, grouped as in the README.
// What subpaths add to the environ is declared from here, since TypeScript loses what it meets only after somebody
// else's `declare module` of this one.
// oxlint-disable unicorn/require-module-specifiers
export type {} from './from-connect.js'
export type {} from './koa-context.js'
export type {} from './lint.js'
export type {} from './lint-violation.js'
// oxlint-enable unicorn/require-module-specifiers
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
export { copyOf } from './environ-copy.js'
export { noteRoute } from './route-note.js'
export { subrequest } from './subrequest.js'
export type { Subrequest } from './subrequest.js'
export { httpDate } from './http-date.js'
export { notModified, precondition } from './preconditions.js'
export type { Validators } from './preconditions.js'
export { answerTo, reportThrown } from './thrown.js'
export type { Answer } from './thrown.js'
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
export { cookies, header, query } from './request.js'
export { readBody } from './request-body.js'
export type { BodyLimits, RequestBody } from './request-body.js'
export { readJson } from './request-json.js'
export { readForm } from './request-form.js'
export type { FormLimits } from './request-form.js'
export { readParts } from './multipart.js'
export type { Part, PartLimits } from './multipart.js'
export { errors } from './errors.js'
export type { ErrorNote, ErrorPages, ErrorsOptions } from './errors.js'
export { sameOrigin } from './same-origin.js'
export { hosts } from './hosts.js'
export { proxied } from './proxied.js'
export type { ProxiedOptions, Trust } from './proxied.js'
export { securityHeaders } from './security-headers.js'
export type { SecurityHeaders } from './security-headers.js'
export { compress } from './compress.js'
export type { CompressOptions } from './compress.js'
export type { ContentCoding } from './content-coding.js'
export { conditional } from './conditional.js'
export type { ConditionalOptions } from './conditional.js'
export { methodOverride } from './method-override.js'
export { atomic } from './atomic.js'
export type { Transactional } from './atomic.js'
export { files } from './static.js'
export type { FilesOptions } from './static.js'
export { serve } from './serve.js'
export type { ServeOptions, Serving, Timeouts } from './serve.js'
export { selector } from './selector.js'
export type { Selector, SelectorOptions } from './selector.js'
export type { Route } from './route.js'
export type { Unreachable } from './unreachable.js'
export type { PathParams } from './path-params.js'
export { mount } from './mount.js'
export type { MountOptions } from './mount.js'
