// The types of a path expression's variables: the built-in ones and the user's own. Each is a
// pattern for the decoded value, written for comparable paths (see path.ts).
import { HELD_CLASS, HELD_SLASH } from './path.js'

/** What a `{name:type}` matches. */
export interface PathType {
  readonly name: string
  /** The rule in words, for messages. */
  readonly rule: string
  /** Any one character that a value may contain; tells which variables can run into what follows. */
  readonly characters: RegExp
  /** The pattern's source, with a quantifier (`+` or `{1,n}`) where it repeats. */
  source(repeat: string): string
  /** Says whether a decoded value is one of this type. */
  accepts(value: string): boolean
  /** Its values may contain a `/` that was not escaped. */
  readonly crossesSegments: boolean
  /** A user's own type: the RegExp alone does not decide, `accepts` does. */
  readonly custom: boolean
  /** A value never holds the literal with which a directly following `[…]` begins. */
  readonly stopsBeforeGroups: boolean
}

/** The user's own types: a name and the pattern of the whole decoded value. */
export type CustomTypes = Readonly<Record<string, RegExp | string>>

/** The type of a variable without one. */
export const DEFAULT_TYPE = 'chunk'

const BUILT_IN: readonly PathType[] = [
  builtIn('word', 'letters, digits and _', '\\w'),
  builtIn('alpha', 'letters', '[A-Za-z]'),
  builtIn('digits', 'digits', '\\d'),
  {
    // \d*\.?\d+, written so that a long run of digits can be divided in one way only
    ...builtIn('number', 'digits with at most one dot before the last of them', '[\\d.]'),
    source: (repeat) => `(?:\\d${repeat}(?:\\.\\d${repeat})?|\\.\\d${repeat})`,
    accepts: (value) => /^\d*\.?\d+$/.test(value),
  },
  {
    ...builtIn(DEFAULT_TYPE, 'any text without / and .', `[^/.${HELD_SLASH}]`),
    accepts: (value) => /^[^/.]+$/.test(value),
    stopsBeforeGroups: true,
  },
  {
    ...builtIn('segment', 'any text; a / in it is escaped', '[^/]'),
    accepts: (value) => value !== '',
  },
  { ...builtIn('any', 'any text', '[^]'), crossesSegments: true },
]

function builtIn(name: string, rule: string, character: string): PathType {
  const whole = new RegExp(`^${character}+$`, 'u')
  return {
    name,
    rule,
    characters: new RegExp(`^${character}$`, 'u'),
    source: (repeat) => character + repeat,
    accepts: (value) => whole.test(value),
    crossesSegments: false,
    custom: false,
    stopsBeforeGroups: false,
  }
}

/**
 * The table of types: the built-in ones and the user's.
 *
 * @throws TypeError for a name that is taken or malformed, and for a pattern that can't be part of a
 * larger one
 */
export function pathTypes(custom: CustomTypes = {}): ReadonlyMap<string, PathType> {
  const types = new Map(BUILT_IN.map((type) => [type.name, type]))
  for (const [name, pattern] of Object.entries(custom)) {
    if (types.has(name)) throw new TypeError(`type '${name}' must not redefine a built-in type`)
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new TypeError(`a type's name must be letters, digits and _, got '${name}'`)
    }
    types.set(name, customType(name, pattern))
  }
  return types
}

function customType(name: string, pattern: RegExp | string): PathType {
  if (typeof pattern !== 'string' && !(pattern instanceof RegExp)) {
    throw new TypeError(`type '${name}' must be a RegExp or its source, got ${typeof pattern}`)
  }
  const inner = sourceOf(name, pattern)
  const whole = wholeOf(name, inner)
  return {
    name,
    rule: inner,
    characters: /^[^]$/u,
    // A value with escaped reserved characters can't be matched in place: it is taken whole, and
    // `accepts` decides on what it decodes to.
    source: () => `(?:${inner}|[^/${HELD_CLASS}]*[${HELD_CLASS}][^/]*)`,
    accepts: (value) => whole.test(value),
    crossesSegments: true,
    custom: true,
    stopsBeforeGroups: false,
  }
}

// One RegExp is made of a whole expression, so a pattern brings no flags but `u`, no groups that
// capture and no anchors of its own: it always is the whole value.
function sourceOf(name: string, pattern: RegExp | string): string {
  if (typeof pattern === 'string') return pattern
  if (/[^u]/.test(pattern.flags)) {
    throw new TypeError(`type '${name}' must have no flag but u, got ${String(pattern)}`)
  }
  return pattern.source
}

function wholeOf(name: string, source: string): RegExp {
  let whole: RegExp
  try {
    whole = new RegExp(`^(?:${source})$`, 'u')
  } catch (cause) {
    throw new TypeError(`type '${name}' must be a pattern with the u flag, got ${source}`, {
      cause,
    })
  }
  if (/^\^|(?<!\\)\$$/.test(source)) {
    throw new TypeError(`type '${name}' must not be anchored: it is the whole value, got ${source}`)
  }
  if (whole.test('')) throw new TypeError(`type '${name}' must not match '', got ${source}`)
  const groups = new RegExp(`${source}|`, 'u').exec('')?.length ?? 1
  if (groups > 1) {
    throw new TypeError(`type '${name}' must group by (?:…), not by (…), got ${source}`)
  }
  return whole
}
