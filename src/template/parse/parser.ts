import type { Condition, Expression, Template, TemplateNode, TemplatePosition } from '../syntax.ts'
import { parseExpression as parseInner } from './expressions.ts'
import { cutSegments } from './lexer.ts'
import { createTokenReader, expectEnd } from './reader.ts'
import { type OnTemplateFault, openSource, reportOr, type TemplateSource } from './source.ts'
import { parseNodes } from './statements.ts'
import { readTokens } from './tokens.ts'

/** `names`: names with hyphens to read as one word, such as step ids. */
export type ParseOptions = {
  readonly names?: ReadonlySet<string>
  /** receives all faults of tags, which are then skipped; absent: the first fault is thrown */
  readonly onFault?: OnTemplateFault
}

/** A parsed template. InvalidError (template_syntax, unknown_filter) with place and hint for an invalid text. */
export function parseTemplate(source: string, { names, onFault }: ParseOptions = {}): Template {
  const read = () => parseNodes(cutSegments(openSource(source, names, undefined, onFault)), onFault)
  const body = reportOr(onFault, read, () => [])
  const single = onlyExpression(body)
  return { source, body, ...(single && { single }) }
}

/** An expression without braces; InvalidError for an invalid one. */
export function parseExpression(source: string, options: ParseOptions = {}): Expression {
  return parseAll(openSource(source, options.names), false)
}

/** A condition in any form: one `{{ }}`, a template, an expression that may contain `{{ }}`, or a plain yes or no. */
export function parseCondition(source: string, options: ParseOptions = {}): Condition {
  const word = WORDS.get(source.trim().toLowerCase())
  if (word !== undefined) return { source, test: literal(word) }
  return reportOr(
    options.onFault,
    () => parseSpelled(source, options),
    () => ({ source, test: literal(null) }),
  )
}

function parseSpelled(source: string, options: ParseOptions): Condition {
  const opened = openSource(source, options.names)
  if (!/\{[%#]/.test(source) && !isWhole(opened)) return { source, test: parseAll(opened, true) }
  const template = parseTemplate(source, options)
  return { source, test: template.single ?? template }
}

const literal = (value: boolean | null): Expression => ({ type: 'literal', value, at: { line: 1, column: 1 } })

const WORDS = new Map<string, boolean>([
  ...['true', 'yes', '1'].map((word) => [word, true] as const),
  ...['false', 'no', '0', 'none', 'null', ''].map((word) => [word, false] as const),
])

function onlyExpression(body: readonly TemplateNode[]): Expression | undefined {
  const [first, ...others] = body.filter((node) => node.type !== 'text' || node.text.trim() !== '')
  return first?.type === 'output' && others.length === 0 ? first.expression : undefined
}

/** Whether the text is one `{{ }}` from end to end. */
function isWhole(source: TemplateSource): boolean {
  const open = source.text.length - source.text.trimStart().length
  if (!source.text.startsWith('{{', open)) return false
  const sign = /[-+]/.test(source.text[open + 2] ?? '') ? 1 : 0
  const { end } = readTokens(source, open + 2 + sign, { closing: '}}', opened: open })
  return source.text.slice(end).trim() === ''
}

function parseAll(source: TemplateSource, mixed: boolean): Expression {
  const { tokens } = readTokens(source, 0, { mixed })
  const reader = createTokenReader(tokens, {
    onFault: source.onFault,
    ...(mixed && {
      parseText: (text: string, origin: TemplatePosition) =>
        parseNodes(cutSegments(openSource(text, source.names, origin))),
    }),
  })
  const expression = parseInner(reader)
  expectEnd(reader)
  return expression
}
