/** A position in the source; line and column count from 1. */
export type TemplatePosition = { readonly line: number; readonly column: number }

type Located = { readonly at: TemplatePosition }

/** The content of `{{ }}`. */
export type Expression =
  | Literal
  | NameNode
  | Attribute
  | Subscript
  | Slice
  | ListLiteral
  | MapLiteral
  | FunctionCall
  | MethodCall
  | FilterCall
  | CheckCall
  | Unary
  | Binary
  | Logic
  | Comparison
  | Conditional
  | Join
  | AnswerNode

/** `'a'`, `1`, `true`, `none`. */
type Literal = Located & { readonly type: 'literal'; readonly value: string | number | boolean | null }
/** A name to look up. */
export type NameNode = Located & { readonly type: 'name'; readonly name: string }
/** `object.name`. */
export type Attribute = Located & { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
/** `object[index]`. */
export type Subscript = Located & {
  readonly type: 'subscript'
  readonly object: Expression
  readonly index: Expression
}
/** `object[start:stop:step]`. */
export type Slice = Located & {
  readonly type: 'slice'
  readonly object: Expression
  readonly start?: Expression
  readonly stop?: Expression
  readonly step?: Expression
}
/** `[a, b]` or `(a, b)`. */
type ListLiteral = Located & { readonly type: 'list'; readonly items: readonly Expression[] }
/** `{'a': b}`. */
export type MapLiteral = Located & {
  readonly type: 'map'
  readonly entries: readonly (readonly [key: Expression, value: Expression])[]
}
/** `name(args)`. */
export type FunctionCall = Located & { readonly type: 'call'; readonly name: string; readonly args: Arguments }
/** `object.name(args)`. */
export type MethodCall = Located & {
  readonly type: 'method'
  readonly object: Expression
  readonly name: string
  readonly args: Arguments
}
/** `value | name(args)`. */
export type FilterCall = Located & {
  readonly type: 'filter'
  readonly value: Expression
  readonly name: string
  readonly args: Arguments
}
/** `value is name`, or `is not`. */
export type CheckCall = Located & {
  readonly type: 'check'
  readonly value: Expression
  readonly name: string
  readonly args: Arguments
  readonly negated: boolean
}
/** `not a`, `-a`, `+a`. */
export type Unary = Located & {
  readonly type: 'unary'
  readonly operator: 'not' | '-' | '+'
  readonly operand: Expression
}
/** A binary arithmetic operator. */
export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**'
/** `left operator right`. */
export type Binary = Located & {
  readonly type: 'binary'
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}
/** `left and right`: the right side only if it is needed. */
export type Logic = Located & {
  readonly type: 'logic'
  readonly operator: 'and' | 'or'
  readonly left: Expression
  readonly right: Expression
}
/** Comparison operators. */
export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
/** A chain: `a < b < c` is true when every comparison is. */
export type Comparison = Located & {
  readonly type: 'comparison'
  readonly first: Expression
  readonly links: readonly ComparisonLink[]
}
/** One comparison of a chain. */
export type ComparisonLink = Located & { readonly relation: Relation; readonly operand: Expression }
/** `value if test else otherwise`. */
export type Conditional = Located & {
  readonly type: 'conditional'
  readonly test: Expression
  readonly value: Expression
  readonly otherwise?: Expression
}
/** The joined texts of its parts (`~`). */
export type Join = Located & { readonly type: 'join'; readonly parts: readonly Expression[] }
/** A `{{ }}` inside a condition. Its text is compared like the answer of a step. */
export type AnswerNode = Located & { readonly type: 'answer'; readonly value: Expression }

/** The arguments of a call. */
export type Arguments = { readonly positional: readonly Expression[]; readonly named: readonly NamedArgument[] }
/** `name=value`. */
export type NamedArgument = { readonly name: string; readonly value: Expression }

export type TemplateNode = TextNode | OutputNode | IfNode | ForNode | SetValue | SetBlock | SetField

/** Literal text. */
export type TextNode = Located & { readonly type: 'text'; readonly text: string }
/** `{{ expression }}`. */
export type OutputNode = Located & { readonly type: 'output'; readonly expression: Expression }
/** `{% if %}` with its branches. */
export type IfNode = Located & {
  readonly type: 'if'
  readonly branches: readonly IfBranch[]
  readonly otherwise: readonly TemplateNode[]
}
/** A branch and its condition. */
export type IfBranch = { readonly test: Expression; readonly body: readonly TemplateNode[] }
/** `{% for targets in iterable if filter %}`. */
export type ForNode = Located & {
  readonly type: 'for'
  readonly targets: readonly string[]
  readonly iterable: Expression
  readonly filter?: Expression
  readonly body: readonly TemplateNode[]
  readonly otherwise: readonly TemplateNode[]
}
/** `{% set a, b = value %}`. */
export type SetValue = Located & {
  readonly type: 'set'
  readonly targets: readonly string[]
  readonly value: Expression
}
/** `{% set target %}…{% endset %}`. */
export type SetBlock = Located & {
  readonly type: 'set-block'
  readonly target: string
  readonly body: readonly TemplateNode[]
}
/** `{% set namespace.field = value %}`. */
export type SetField = Located & {
  readonly type: 'set-field'
  readonly object: string
  readonly field: string
  readonly value: Expression
}

/** A parsed text; `single` when it is one `{{ }}` with only whitespace around it. */
export type Template = {
  readonly source: string
  readonly body: readonly TemplateNode[]
  readonly single?: Expression
}

/** A parsed `condition:`, `if:`, `while:` or `until:`. */
export type Condition = { readonly source: string; readonly test: Expression | Template }
