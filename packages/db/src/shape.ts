// What tells a query from all others but for its parameters, as a string. All that it is made of goes in, so a
// query that says anything else has another shape.
import { Parameter } from './clause.js'

export interface Shape {
  readonly text: string
  readonly parameters: readonly Parameter[]
}

export class Shapes {
  // By identity: what never changes, and what can't be looked into.
  readonly #numbers = new WeakMap<object, number>()
  #last = 0

  /** Says that an object never changes, so that it is known by itself and not by all that is in it. */
  fix(object: object): void {
    this.#number(object)
  }

  of(query: object): Shape {
    const parameters: Parameter[] = []
    return { text: this.#textOf(query, parameters), parameters }
  }

  #textOf(value: unknown, parameters: Parameter[]): string {
    // Of known length, or one text could look like two.
    if (typeof value === 'string') return `"${value.length}:${value}`
    if (typeof value === 'function') return `#${this.#number(value)};`
    if (typeof value === 'symbol') return `#${++this.#last};`
    if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)};`
    if (value instanceof Parameter) {
      parameters.push(value)
      return '?'
    }
    const known = this.#numbers.get(value)
    if (known !== undefined) return `#${known};`
    if (Array.isArray(value)) {
      let text = '['
      for (const each of value) text += this.#textOf(each, parameters)
      return `${text}]`
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return `#${this.#number(value)};`
    let text = '{'
    for (const [name, each] of Object.entries(value)) {
      text += `${this.#textOf(name, parameters)}=${this.#textOf(each, parameters)}`
    }
    return `${text}}`
  }

  #number(object: object): number {
    const known = this.#numbers.get(object)
    if (known !== undefined) return known
    this.#numbers.set(object, ++this.#last)
    return this.#last
  }
}
