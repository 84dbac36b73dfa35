// A broken rule of the contract: thrown where it happens, and recorded, so that swallowing it hides nothing.
import type { Environ } from './contract.js'
import type { Rule } from './lint-rule.js'

declare module './contract.js' {
  interface Environ {
    /** Where `lint` records what was broken in this request; the test client reads it. */
    'lint.violations'?: ContractViolation[]
  }
}

/** A broken rule of the contract: which one, by whom, and what was got. */
export class ContractViolation extends TypeError {
  override readonly name = 'ContractViolation'
  /** The rule's id in SPEC.md. */
  readonly rule: string

  constructor(rule: Rule<never>, app: string, got: string) {
    super(`${app} breaks rule ${rule.id} of the contract: ${rule.text} Got ${got}.`)
    this.rule = rule.id
  }
}

/** Holds a subject against rules, and throws for the first that is broken. */
export type Hold = <Subject>(rules: readonly Rule<Subject>[], subject: Subject) => void

/** @param app the name of the app that is checked, which errors tell */
export function holder(app: string, environ: Environ): Hold {
  return (rules, subject) => {
    for (const rule of rules) {
      const got = rule.check(subject)
      if (got === undefined) continue
      const violation = new ContractViolation(rule, app, got)
      const collected = environ['lint.violations']
      if (collected === undefined) environ['robaccia.errors'].write(`${violation.message}\n`)
      else collected.push(violation)
      throw violation
    }
  }
}
