/**
 * The template language, a dialect of Jinja, which steps render their parameters with. `parse/` turns a text into
 * a tree (source → segments → tokens → tree). `evaluate/` renders the tree, and `machine/` enforces the limits of a
 * rendering. `operations/` holds the tables of filters, checks, methods and functions. `values/` defines how
 * templates compare, access and print values, `text/` formats and wraps texts, and `regex/` matches regular
 * expressions in linear time.
 */

import { is, TerminalError } from '../errors.ts'
import { evaluate as evaluateNode } from './evaluate/expressions.ts'
import { writeCommand, writeNodes } from './evaluate/statements.ts'
import { createRenderMachine, type RenderLimits, type RenderMachine } from './machine/machine.ts'
import { isMissing, refuseUnresolved, useValue } from './machine/missing.ts'
import { outputPieces } from './parse/inspect.ts'
import { compilePattern } from './regex/compile.ts'
import { hasMatch } from './regex/match.ts'
import type { Condition, Expression, Template } from './syntax.ts'
import { type CommandFault, createCommandLine } from './text/command-line.ts'
import { isTruthy, toPlainValue } from './values/values.ts'
import { isNoText, type TemplateScope, viewOf } from './view.ts'

export { QUICK_LIMITS, type RenderLimits } from './machine/machine.ts'
export { FILTERS } from './operations/filters.ts'
export { BUILTIN_FUNCTIONS } from './operations/functions.ts'
export { chainsHeldBy } from './parse/held.ts'
export { type ParseOptions, parseCondition, parseExpression, parseTemplate } from './parse/parser.ts'
export { listReferences, type TemplateReference } from './parse/references.ts'
export type { Condition, Template } from './syntax.ts'
export { hasSeveralLines } from './text/shell-reader.ts'
export { TEXT_LIST_HINT } from './values/values.ts'
export { HIDDEN, hiddenOf, scopeOf, type TemplateScope, type TemplateView, VIEW, viewOf } from './view.ts'

/**
 * Renders a template: the value itself if the text is a single `{{ }}`, the text of a step for a
 * step, else a string. Surrounding white space makes it a text, except for lists and maps.
 * @throws TerminalError unresolved_template that names everything missing; InvalidError
 * template_failed or template_limit with the place
 */
export function renderTemplate(
  parsed: Template | Expression,
  scope: TemplateScope,
  limits?: Partial<RenderLimits>,
): unknown {
  return perform(yielded, parsed, scope, limits)
}

function yielded(parsed: Template | Expression, machine: RenderMachine): unknown {
  const value = toPlainValue(compute(parsed, machine), machine)
  return typeof value !== 'object' && isSpaced(parsed) ? writeNodes(parsed.body, machine) : value
}

/** Renders like `render`, for a loop: a list stays one where it was also asked for as text, as rows of a CSV. */
export function renderItems(parsed: Template, scope: TemplateScope, limits?: Partial<RenderLimits>): unknown {
  return perform(itemsOf, parsed, scope, limits)
}

function itemsOf(parsed: Template, machine: RenderMachine): unknown {
  const items = viewOf(compute(parsed, machine))?.value?.()
  return Array.isArray(items) ? toPlainValue(items, machine) : yielded(parsed, machine)
}

/**
 * The command line that a text yields. Each value stays within one argument, unless its author wrote `| quote`, which
 * makes it a quoted word. Throws like `render`.
 */
export function renderCommand({ body }: Template, scope: TemplateScope, limits?: Partial<RenderLimits>): string {
  return perform((nodes: Template['body'], machine) => writeCommand(nodes, machine), body, scope, limits)
}

/** The facts about a text as a command line before it is rendered. */
export type InspectedCommand = {
  /** every value has `| quote` */
  readonly quoted: boolean
  /** how many lines have a command */
  readonly lines: number
  /** the first value that would fail */
  readonly fault?: CommandFault
}

/** Checks a text as a command line before it is rendered. */
export function inspectCommand(template: Template): InspectedCommand {
  const line = createCommandLine()
  let quoted = true
  let fault: CommandFault | undefined
  for (const piece of outputPieces(template)) {
    if ('text' in piece) line.text(piece.text, piece.at)
    else {
      quoted &&= piece.quoted
      const value = line.value('', piece.quoted)
      if (!('written' in value)) fault ??= value
    }
  }
  return { quoted, lines: line.lines(), ...(fault && { fault }) }
}

/** Whether there is white space around the only expression of a text. A text keeps it; lists and maps ignore it. */
function isSpaced(parsed: Template | Expression): parsed is Template {
  return !('type' in parsed) && parsed.single !== undefined && parsed.body.length > 1
}

/** Whether a condition is true; '', false, no, none and 0 as text count as false, too. Throws like `render`. */
export function testCondition(condition: Condition, scope: TemplateScope, limits?: Partial<RenderLimits>): boolean {
  return perform(holds, condition, scope, limits)
}

function holds({ test }: Condition, machine: RenderMachine): boolean {
  return isYes('type' in test ? evaluateNode(test, machine) : writeNodes(test.body, machine), machine)
}

/** Whether a text matches a regular expression. InvalidError if the pattern is invalid or takes too long. */
export type Matcher = (pattern: string, text: string) => boolean

/** Creates a matcher whose calls together have the limit of one rendering. */
export function createMatcher(limits?: Partial<RenderLimits>): Matcher {
  const machine = createRenderMachine({ get: () => undefined }, limits)
  return (pattern, text) => hasMatch(compilePattern(pattern, machine), text, machine)
}

/** Whether a text contains a match of a pattern, in time proportional to the text. InvalidError for an invalid one. */
export const matchesPattern: Matcher = (pattern, text) => createMatcher()(pattern, text)

function compute(parsed: Template | Expression, machine: RenderMachine): unknown {
  const expression = 'type' in parsed ? parsed : parsed.single
  return expression
    ? useValue(evaluateNode(expression, machine), machine)
    : writeNodes((parsed as Template).body, machine)
}

/** A missing field is false; an unknown name is an error. */
function isYes(value: unknown, machine: RenderMachine): boolean {
  if (isMissing(value) && !value.declared) useValue(value, machine)
  if (typeof value === 'string') return !isNoText(value)
  const text = viewOf(value)?.text() ?? ''
  return isTruthy(value) && (text.trim() === '' || !isNoText(text))
}

function perform<P, T>(
  work: (parsed: P, machine: RenderMachine) => T,
  parsed: P,
  scope: TemplateScope,
  limits: Partial<RenderLimits> | undefined,
): T {
  const machine = createRenderMachine(scope, limits)
  try {
    const result = work(parsed, machine)
    refuseUnresolved(machine)
    return result
  } catch (error) {
    refuseUnresolved(machine)
    if (is(error)) throw error
    throw new TerminalError(`A value could not be read: ${String(error)}`, { code: 'template_failed', cause: error })
  } finally {
    renderedTotal += machine.steps
  }
}

let renderedTotal = 0

/** The work of all renderings so far, in steps. */
export const renderedSteps = (): number => renderedTotal
