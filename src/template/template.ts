/**
 * Our Jinja. `parse/` turns a text into a tree (source → segments → tokens → tree). `evaluate/` renders the tree, and
 * `machine/` counts the work of a rendering against its limits. `operations/` holds the tables of filters, checks, methods
 * and functions. `values/` says how templates compare, access and print values, `text/` formats and wraps texts, and
 * `regex/` matches regular expressions in time proportional to the text.
 */
import { is, TerminalError } from '../errors.ts'
import { evaluate as evaluateNode } from './evaluate/expressions.ts'
import { write, writeCommand } from './evaluate/statements.ts'
import { createMachine, type Limits, type Machine } from './machine/machine.ts'
import { isMissing, refuseUnresolved, use } from './machine/missing.ts'
import { piecesOf } from './parse/inspect.ts'
import { compilePattern } from './regex/compile.ts'
import { hasMatch } from './regex/match.ts'
import type { Condition, Expression, Template } from './syntax.ts'
import { type CommandFault, commandLine } from './text/command-line.ts'
import { isTruthy, settle } from './values/values.ts'
import { isNo, type Scope, viewOf } from './view.ts'

export { LIMITS, type Limits, QUICK } from './machine/machine.ts'
export { FILTERS, type Filter } from './operations/filters.ts'
export { FUNCTIONS } from './operations/functions.ts'
export { type ParseOptions, parseCondition, parseExpression, parseTemplate } from './parse/parser.ts'
export { type Reference, references } from './parse/references.ts'
export type { Condition, Expression, Position, Template } from './syntax.ts'
export type { CommandFault } from './text/command-line.ts'
export { HIDDEN, hiddenOf, type Scope, VIEW, type View, viewOf } from './view.ts'

/**
 * What a text yields: the value itself when it is one `{{ }}` and nothing else, a step's text for a step, else a string. White space
 * around it makes it a text, but is nothing to lists and maps.
 * Throws TerminalError unresolved_template naming all that was not there, InvalidError template_failed or
 * template_limit with the place.
 */
export function render(parsed: Template | Expression, scope: Scope, limits?: Partial<Limits>): unknown {
  return perform(yielded, parsed, scope, limits)
}

function yielded(parsed: Template | Expression, machine: Machine): unknown {
  const value = settle(compute(parsed, machine), machine)
  return typeof value !== 'object' && isSpaced(parsed) ? write(parsed.body, machine) : value
}

/** The command line that a text yields: each value is a part of one argument, unless its author wrote `| quote`, which makes words. Throws as `render` does. */
export function renderCommand({ body }: Template, scope: Scope, limits?: Partial<Limits>): string {
  return perform((nodes: Template['body'], machine) => writeCommand(nodes, machine), body, scope, limits)
}

/** What can be told of a text as a command line before it is rendered: whether every value is quoted, and what will fail. */
export function inspectCommand(template: Template): { readonly quoted: boolean; readonly fault?: CommandFault } {
  const line = commandLine()
  let quoted = true
  for (const piece of piecesOf(template)) {
    if (typeof piece === 'string') line.text(piece)
    else {
      quoted &&= piece.quoted
      const value = line.value('', piece.quoted)
      if (!('written' in value)) return { quoted, fault: value }
    }
  }
  return { quoted }
}

/** Whether there is white space around its only expression: that is part of a text, to the letter, and nothing to lists and maps. */
function isSpaced(parsed: Template | Expression): parsed is Template {
  return !('type' in parsed) && parsed.single !== undefined && parsed.body.length > 1
}

/** What a text yields, with steps left as they are, views and all: for who asks for a list. Throws as `render` does. */
export function evaluate(parsed: Template | Expression, scope: Scope, limits?: Partial<Limits>): unknown {
  return perform(compute, parsed, scope, limits)
}

/** Whether a condition holds; '', false, no, none and 0 as text are false too. Throws as `render` does. */
export function test(condition: Condition, scope: Scope, limits?: Partial<Limits>): boolean {
  return perform(holds, condition, scope, limits)
}

function holds({ test }: Condition, machine: Machine): boolean {
  return isYes('type' in test ? evaluateNode(test, machine) : write(test.body, machine), machine)
}

/** Whether a text has a match of a regular expression. InvalidError for what is none, and when it takes too long. */
export type Matches = (pattern: string, text: string) => boolean

/** A matcher that for all it is asked together takes no longer than one rendering may. */
export function createMatcher(limits?: Partial<Limits>): Matches {
  const machine = createMachine({ get: () => undefined }, limits)
  return (pattern, text) => hasMatch(compilePattern(pattern, machine), text, machine)
}

/** Whether a text has a match of a regular expression, in time that follows the text's length. InvalidError when it is none. */
export const matches: Matches = (pattern, text) => createMatcher()(pattern, text)

function compute(parsed: Template | Expression, machine: Machine): unknown {
  const expression = 'type' in parsed ? parsed : parsed.single
  return expression ? use(evaluateNode(expression, machine), machine) : write((parsed as Template).body, machine)
}

/** A field that is not there is no; a name that is not there is an error. */
function isYes(value: unknown, machine: Machine): boolean {
  if (isMissing(value) && !value.declared) use(value, machine)
  if (typeof value === 'string') return !isNo(value)
  const text = viewOf(value)?.text() ?? ''
  return isTruthy(value) && (text.trim() === '' || !isNo(text))
}

function perform<P, T>(
  work: (parsed: P, machine: Machine) => T,
  parsed: P,
  scope: Scope,
  limits: Partial<Limits> | undefined,
): T {
  const machine = createMachine(scope, limits)
  try {
    const result = work(parsed, machine)
    refuseUnresolved(machine)
    return result
  } catch (error) {
    refuseUnresolved(machine)
    if (is(error)) throw error
    throw new TerminalError(`a value could not be read: ${String(error)}`, { code: 'template_failed', cause: error })
  } finally {
    rendered += machine.steps
  }
}

let rendered = 0

/** The work of all renderings so far, in steps. */
export const renderedSteps = (): number => rendered
