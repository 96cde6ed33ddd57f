/** Where something starts in the source; both count from 1. */
export type Position = { readonly line: number; readonly column: number }

type At = { readonly at: Position }

/** What stands between `{{` and `}}`. */
export type Expression =
  | Literal
  | Name
  | Attribute
  | Subscript
  | Slice
  | ListLiteral
  | MapLiteral
  | Call
  | MethodCall
  | FilterCall
  | Check
  | Unary
  | Binary
  | Logic
  | Comparison
  | Conditional
  | Join
  | Answer

/** `'a'`, `1`, `true`, `none`. */
export type Literal = At & { readonly type: 'literal'; readonly value: string | number | boolean | null }
/** A name to look up. */
export type Name = At & { readonly type: 'name'; readonly name: string }
/** `object.name`. */
export type Attribute = At & { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
/** `object[index]`. */
export type Subscript = At & { readonly type: 'subscript'; readonly object: Expression; readonly index: Expression }
/** `object[start:stop:step]`. */
export type Slice = At & {
  readonly type: 'slice'
  readonly object: Expression
  readonly start?: Expression
  readonly stop?: Expression
  readonly step?: Expression
}
/** `[a, b]` or `(a, b)`. */
export type ListLiteral = At & { readonly type: 'list'; readonly items: readonly Expression[] }
/** `{'a': b}`. */
export type MapLiteral = At & {
  readonly type: 'map'
  readonly entries: readonly (readonly [key: Expression, value: Expression])[]
}
/** `name(args)`. */
export type Call = At & { readonly type: 'call'; readonly name: string; readonly args: Arguments }
/** `object.name(args)`. */
export type MethodCall = At & {
  readonly type: 'method'
  readonly object: Expression
  readonly name: string
  readonly args: Arguments
}
/** `value | name(args)`. */
export type FilterCall = At & {
  readonly type: 'filter'
  readonly value: Expression
  readonly name: string
  readonly args: Arguments
}
/** `value is name`, or `is not`. */
export type Check = At & {
  readonly type: 'check'
  readonly value: Expression
  readonly name: string
  readonly args: Arguments
  readonly negated: boolean
}
/** `not a`, `-a`, `+a`. */
export type Unary = At & { readonly type: 'unary'; readonly operator: 'not' | '-' | '+'; readonly operand: Expression }
/** What stands between two operands. */
export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**'
/** `left operator right`. */
export type Binary = At & {
  readonly type: 'binary'
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}
/** `left and right`: the right side only if it is needed. */
export type Logic = At & {
  readonly type: 'logic'
  readonly operator: 'and' | 'or'
  readonly left: Expression
  readonly right: Expression
}
/** How two values may compare. */
export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
/** A chain: `a < b < c` holds when every link does. */
export type Comparison = At & {
  readonly type: 'comparison'
  readonly first: Expression
  readonly links: readonly Link[]
}
/** One comparison of a chain. */
export type Link = At & { readonly relation: Relation; readonly operand: Expression }
/** `value if test else otherwise`. */
export type Conditional = At & {
  readonly type: 'conditional'
  readonly test: Expression
  readonly value: Expression
  readonly otherwise?: Expression
}
/** The texts of its parts, one after another (`~`). */
export type Join = At & { readonly type: 'join'; readonly parts: readonly Expression[] }
/** A `{{ }}` inside a condition: text it yields compares the way a step's answer does. */
export type Answer = At & { readonly type: 'answer'; readonly value: Expression }

/** What stands between the parentheses of a call. */
export type Arguments = { readonly positional: readonly Expression[]; readonly named: readonly NamedArgument[] }
/** `name=value`. */
export type NamedArgument = { readonly name: string; readonly value: Expression }

/** What a template is made of. */
export type Node = Text | Output | If | For | SetValue | SetBlock | SetField

/** Text to write as it is. */
export type Text = At & { readonly type: 'text'; readonly text: string }
/** `{{ expression }}`. */
export type Output = At & { readonly type: 'output'; readonly expression: Expression }
/** `{% if %}` with its branches. */
export type If = At & { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Node[] }
/** What to do when a test holds. */
export type Branch = { readonly test: Expression; readonly body: readonly Node[] }
/** `{% for targets in iterable if filter %}`. */
export type For = At & {
  readonly type: 'for'
  readonly targets: readonly string[]
  readonly iterable: Expression
  readonly filter?: Expression
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}
/** `{% set a, b = value %}`. */
export type SetValue = At & { readonly type: 'set'; readonly targets: readonly string[]; readonly value: Expression }
/** `{% set target %}…{% endset %}`. */
export type SetBlock = At & { readonly type: 'set-block'; readonly target: string; readonly body: readonly Node[] }
/** `{% set namespace.field = value %}`. */
export type SetField = At & {
  readonly type: 'set-field'
  readonly object: string
  readonly field: string
  readonly value: Expression
}

/** A parsed text; `single` when it is one `{{ }}` and nothing else but whitespace. */
export type Template = {
  readonly source: string
  readonly body: readonly Node[]
  readonly single?: Expression
}

/** A parsed `condition:`, `if:`, `while:` or `until:`. */
export type Condition = { readonly source: string; readonly test: Expression | Template }
