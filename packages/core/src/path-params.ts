// The variables of a path expression as a type: `/blog/{id}[;{action}]` gives
// `{ id: string; action?: string }`. It follows path-expression.ts, which reports what is not an
// expression at all.

/**
 * The route variables that a path expression gives, beside those of outer selectors. Those inside `[…]` are
 * optional.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- none, unless said
export type PathParams<Expression extends string, Outer = {}> = string extends Expression
  ? Outer & Record<string, string | undefined>
  : Scan<Expression, [], [], Outer> extends infer Found
    ? { [name in keyof Found]: Found[name] } // one object, so that a compile error can be read
    : never

// Reads one variable after another. Depth has one member for each open bracket, Count one for each
// positional variable.
type Scan<
  Text extends string,
  Depth extends readonly 0[],
  Count extends readonly 0[],
  Found,
> = Text extends `${infer Before}{${infer Variable}}${infer After}`
  ? NameOf<Variable> extends ''
    ? Scan<
        After,
        Close<Before, Open<Before, Depth>>,
        [...Count, 0],
        Found & One<`${Count['length']}`, Close<Before, Open<Before, Depth>>>
      >
    : Scan<
        After,
        Close<Before, Open<Before, Depth>>,
        Count,
        Found & One<NameOf<Variable>, Close<Before, Open<Before, Depth>>>
      >
  : Found

type NameOf<Variable extends string> = Variable extends `${infer Name}:${string}` ? Name : Variable

type One<Name extends string, Depth extends readonly 0[]> = Depth extends readonly []
  ? { [name in Name]: string }
  : { [name in Name]?: string }

type Open<Text extends string, Depth extends readonly 0[]> = Text extends `${string}[${infer After}`
  ? Open<After, [...Depth, 0]>
  : Depth

type Close<
  Text extends string,
  Depth extends readonly 0[],
> = Text extends `${string}]${infer After}`
  ? Close<After, Depth extends readonly [0, ...infer Rest extends readonly 0[]] ? Rest : []>
  : Depth
