import { is } from '../../errors.ts'
import { createRenderMachine } from '../machine/machine.ts'
import { CHECKS, unknownCheckHint } from '../operations/checks.ts'
import { FILTERS, unknownFilterHint } from '../operations/filters.ts'
import { BUILTIN_FUNCTIONS } from '../operations/functions.ts'
import { METHOD_NAMES, unknownMethodHint } from '../operations/methods.ts'
import { argumentFault, operationOf, type TemplateOperation } from '../operations/operation.ts'
import type { Arguments, Expression, NamedArgument, TemplatePosition } from '../syntax.ts'
import { parsePrimary } from './primary.ts'
import {
  acceptToken,
  checkTreeHeight,
  expectName,
  expectToken,
  isNext,
  peek,
  reportFault,
  type TokenReader,
  takeToken,
  unexpectedToken,
} from './reader.ts'
import { syntaxError } from './source.ts'

type Parse = (reader: TokenReader) => Expression

const NO_ARGUMENTS: Arguments = { positional: [], named: [] }
const MAX_ARGUMENTS = 50
const CONNECTING_WORDS = ['and', 'or', 'not', 'in', 'is', 'if', 'else']

/** A value (read here unless given) and its suffixes: fields, subscripts and calls, then filters and checks. */
export function parsePostfix(
  reader: TokenReader,
  parse: Parse,
  filters: boolean,
  value = parsePrimary(reader, parse),
): Expression {
  for (;;) {
    if (isNext(reader, '.')) value = parseField(reader, parse, value)
    else if (isNext(reader, '[')) value = parseSubscript(reader, parse, value)
    else if (isNext(reader, '(')) value = parseCall(reader, parse, value)
    else if (filters && isNext(reader, '|')) value = parseFilter(reader, parse, value)
    else if (filters && isNext(reader, 'is')) value = parseCheck(reader, parse, value)
    else return value
  }
}

function parseField(reader: TokenReader, parse: Parse, object: Expression): Expression {
  takeToken(reader)
  const number = peek(reader)
  if (number.type === 'number') return subscriptOf(takeToken(reader).at, object, number.value)
  const { text: name, at } = expectName(reader, "a name behind '.'")
  if (!isNext(reader, '(')) return checkTreeHeight({ type: 'attribute', object, name, at }, [object])
  if (!METHOD_NAMES.includes(name)) throw syntaxError(`there is no method \`${name}\``, at, methodMeant(name))
  const args = parseArguments(reader, parse)
  return checkTreeHeight({ type: 'method', object, name, args, at }, [object, ...inside(args)])
}

function subscriptOf(at: TemplatePosition, object: Expression, value: number): Expression {
  const index = checkTreeHeight({ type: 'literal', value, at })
  return checkTreeHeight({ type: 'subscript', object, index, at }, [object, index])
}

function parseSubscript(reader: TokenReader, parse: Parse, object: Expression): Expression {
  const { at } = takeToken(reader)
  const start = isNext(reader, ':') ? undefined : parse(reader)
  if (acceptToken(reader, ']'))
    return start
      ? checkTreeHeight({ type: 'subscript', object, index: start, at }, [object, start])
      : unexpectedToken(reader, 'an index')
  expectToken(reader, ':')
  const stop = isNext(reader, ':', ']') ? undefined : parse(reader)
  const step = acceptToken(reader, ':') && !isNext(reader, ']') ? parse(reader) : undefined
  expectToken(reader, ']')
  const bounds = { ...(start && { start }), ...(stop && { stop }), ...(step && { step }) }
  return checkTreeHeight({ type: 'slice', object, ...bounds, at }, [object, start, stop, step])
}

function parseCall(reader: TokenReader, parse: Parse, callee: Expression): Expression {
  if (callee.type !== 'name') return unexpectedToken(reader, 'an operator')
  const args = parseArguments(reader, parse)
  const builtin = operationOf(BUILTIN_FUNCTIONS, callee.name)
  if (builtin) checkArguments(`\`${callee.name}\``, builtin, args, callee.at, 'global_wrong_arity')
  return checkTreeHeight({ type: 'call', name: callee.name, args, at: callee.at }, inside(args))
}

function parseFilter(reader: TokenReader, parse: Parse, value: Expression): Expression {
  takeToken(reader)
  const { text: name, at } = expectName(reader, "a filter behind '|'")
  const filter = operationOf(FILTERS, name)
  if (!filter) reportFault(reader, syntaxError(`unknown filter \`${name}\``, at, filterMeant(name), 'unknown_filter'))
  const args = isNext(reader, '(') ? parseArguments(reader, parse) : NO_ARGUMENTS
  if (!filter) return checkTreeHeight({ type: 'filter', value, name, args, at }, [value, ...inside(args)])
  checkArguments(`filter \`${name}\``, filter, args, at)
  checkLiterals(filter, args, at)
  return checkTreeHeight({ type: 'filter', value, name, args, at }, [value, ...inside(args)])
}

function parseCheck(reader: TokenReader, parse: Parse, value: Expression): Expression {
  const { at } = takeToken(reader)
  const negated = acceptToken(reader, 'not') !== undefined
  const { text: name, at: place } = expectName(reader, "a check behind 'is'")
  const check = operationOf(CHECKS, name)
  if (!check) throw syntaxError(`unknown check \`is ${name}\``, place, unknownCheckHint(name).hint)
  const args = parseCheckArguments(reader, parse, check)
  checkArguments(`\`is ${name}\``, check, args, place)
  return checkTreeHeight({ type: 'check', value, name, args, negated, at }, [value, ...inside(args)])
}

/** `is divisibleby 3` needs no parentheses. */
function parseCheckArguments(reader: TokenReader, parse: Parse, check: TemplateOperation): Arguments {
  if (isNext(reader, '(')) return parseArguments(reader, parse)
  const { type, text } = peek(reader)
  const starts =
    type === 'string' || type === 'number' || text === '[' || (type === 'name' && !CONNECTING_WORDS.includes(text))
  if (check.parameters.names.length === 0 || !starts) return NO_ARGUMENTS
  return { positional: [parsePostfix(reader, parse, false)], named: [] }
}

function parseArguments(reader: TokenReader, parse: Parse): Arguments {
  const positional: Expression[] = []
  const named: NamedArgument[] = []
  takeToken(reader)
  while (!isNext(reader, ')')) {
    if (positional.length + named.length >= MAX_ARGUMENTS) unexpectedToken(reader, "')'")
    if (peek(reader).type === 'name' && peek(reader, 1).text === '=') named.push(parseNamed(reader, parse))
    else if (named.length > 0) unexpectedToken(reader, 'a named argument')
    else positional.push(parse(reader))
    if (!acceptToken(reader, ',')) break
  }
  expectToken(reader, ')')
  return { positional, named }
}

function parseNamed(reader: TokenReader, parse: Parse): NamedArgument {
  const name = takeToken(reader).text
  takeToken(reader)
  return { name, value: parse(reader) }
}

function checkArguments(
  what: string,
  operation: TemplateOperation,
  { positional, named }: Arguments,
  at: TemplatePosition,
  code?: string,
): void {
  const problem = argumentFault(
    operation,
    positional.length,
    named.map(({ name }) => name),
  )
  if (problem) throw syntaxError(`${what} ${problem}`, at, `expected (${operation.parameters.shown})`, code)
}

/** Validates literal arguments before rendering. */
function checkLiterals(
  { parameters, check }: TemplateOperation,
  { positional, named }: Arguments,
  at: TemplatePosition,
): void {
  if (!check) return
  const given = [
    ...positional.map((value, index) => [parameters.names[index]!, value] as const),
    ...named.map(({ name, value }) => [name, value] as const),
  ]
  const literals = given.flatMap(([name, value]) => (value.type === 'literal' ? [[name, value.value] as const] : []))
  try {
    check(Object.fromEntries(literals), createRenderMachine({ get: () => undefined }))
  } catch (error) {
    if (!is(error)) throw error
    throw syntaxError(error.message, at, error.hint)
  }
}

function inside({ positional, named }: Arguments): readonly Expression[] {
  return [...positional, ...named.map(({ value }) => value)]
}

/** The hint for an unknown filter: the method or function of that name, or the nearest filter. */
function filterMeant(name: string): string | undefined {
  if (METHOD_NAMES.includes(name)) return `It is a method: write \`value.${name}()\`.`
  if (operationOf(BUILTIN_FUNCTIONS, name)) return `It is a function: write \`${name}(value)\`.`
  return unknownFilterHint(name).hint
}

/** The hint for an unknown method: the filter or function of that name, or the nearest method. */
function methodMeant(name: string): string | undefined {
  if (operationOf(FILTERS, name)) return `It is a filter: write \`value | ${name}\`.`
  if (operationOf(BUILTIN_FUNCTIONS, name)) return `It is a function: write \`${name}(value)\`.`
  return unknownMethodHint(name).hint
}
