// Keys that subpaths of core declare, read in a program that has some of its own.
import type { Environ } from '@robaccia/core'
import { koaContext } from '@robaccia/core/koa'
import { ContractViolation } from '@robaccia/core/lint'
import { connectRequest } from '@robaccia/core/node'

export function keysOf(environ: Environ): readonly boolean[] {
  return [
    environ['koa.context'] === koaContext(environ),
    environ['connect.request'] === connectRequest(environ),
    environ['lint.violations']?.[0] instanceof ContractViolation,
    environ['lint.request']?.notes === environ['robaccia.notes'],
    environ['errors.error'] === undefined,
    environ['keys.own'] === undefined,
  ]
}
