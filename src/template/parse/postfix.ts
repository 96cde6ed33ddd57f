import { is } from '../../errors.ts'
import { createMachine } from '../machine/machine.ts'
import { absentCheck, CHECKS } from '../operations/checks.ts'
import { absentFilter, FILTERS } from '../operations/filters.ts'
import { FUNCTIONS } from '../operations/functions.ts'
import { absentMethod, METHOD_NAMES } from '../operations/methods.ts'
import { misfit, type Operation, operationOf } from '../operations/operation.ts'
import type { Arguments, Expression, NamedArgument, Position } from '../syntax.ts'
import { parsePrimary } from './primary.ts'
import { accept, expect, expectName, grow, peek, type Reader, refuse, sees, take } from './reader.ts'
import { syntaxError } from './source.ts'

type Parse = (reader: Reader) => Expression

const NONE: Arguments = { positional: [], named: [] }
const MOST_ARGUMENTS = 50
const CONNECTING = ['and', 'or', 'not', 'in', 'is', 'if', 'else']

/** A value (read here unless given) and what follows it: fields, subscripts, calls, then filters and checks. */
export function parsePostfix(
  reader: Reader,
  parse: Parse,
  filters: boolean,
  value = parsePrimary(reader, parse),
): Expression {
  for (;;) {
    if (sees(reader, '.')) value = parseField(reader, parse, value)
    else if (sees(reader, '[')) value = parseSubscript(reader, parse, value)
    else if (sees(reader, '(')) value = parseCall(reader, parse, value)
    else if (filters && sees(reader, '|')) value = parseFilter(reader, parse, value)
    else if (filters && sees(reader, 'is')) value = parseCheck(reader, parse, value)
    else return value
  }
}

function parseField(reader: Reader, parse: Parse, object: Expression): Expression {
  take(reader)
  const number = peek(reader)
  if (number.type === 'number') return subscriptOf(take(reader).at, object, number.value)
  const { text: name, at } = expectName(reader, "a name behind '.'")
  if (!sees(reader, '(')) return grow({ type: 'attribute', object, name, at }, [object])
  if (!METHOD_NAMES.includes(name)) throw syntaxError(`there is no method '${name}'`, at, methodMeant(name))
  const args = parseArguments(reader, parse)
  return grow({ type: 'method', object, name, args, at }, [object, ...inside(args)])
}

function subscriptOf(at: Position, object: Expression, value: number): Expression {
  const index = grow({ type: 'literal', value, at })
  return grow({ type: 'subscript', object, index, at }, [object, index])
}

function parseSubscript(reader: Reader, parse: Parse, object: Expression): Expression {
  const { at } = take(reader)
  const start = sees(reader, ':') ? undefined : parse(reader)
  if (accept(reader, ']'))
    return start ? grow({ type: 'subscript', object, index: start, at }, [object, start]) : refuse(reader, 'an index')
  expect(reader, ':')
  const stop = sees(reader, ':', ']') ? undefined : parse(reader)
  const step = accept(reader, ':') && !sees(reader, ']') ? parse(reader) : undefined
  expect(reader, ']')
  const bounds = { ...(start && { start }), ...(stop && { stop }), ...(step && { step }) }
  return grow({ type: 'slice', object, ...bounds, at }, [object, start, stop, step])
}

function parseCall(reader: Reader, parse: Parse, callee: Expression): Expression {
  if (callee.type !== 'name') return refuse(reader, 'an operator')
  const args = parseArguments(reader, parse)
  const builtin = operationOf(FUNCTIONS, callee.name)
  if (builtin) checkArguments(`'${callee.name}'`, builtin, args, callee.at, 'global_wrong_arity')
  return grow({ type: 'call', name: callee.name, args, at: callee.at }, inside(args))
}

function parseFilter(reader: Reader, parse: Parse, value: Expression): Expression {
  take(reader)
  const { text: name, at } = expectName(reader, "a filter behind '|'")
  const filter = operationOf(FILTERS, name)
  if (!filter) throw syntaxError(`unknown filter '${name}'`, at, filterMeant(name), 'unknown_filter')
  const args = sees(reader, '(') ? parseArguments(reader, parse) : NONE
  checkArguments(`filter '${name}'`, filter, args, at)
  checkLiterals(filter, args, at)
  return grow({ type: 'filter', value, name, args, at }, [value, ...inside(args)])
}

function parseCheck(reader: Reader, parse: Parse, value: Expression): Expression {
  const { at } = take(reader)
  const negated = accept(reader, 'not') !== undefined
  const { text: name, at: place } = expectName(reader, "a check behind 'is'")
  const check = operationOf(CHECKS, name)
  if (!check) throw syntaxError(`unknown check 'is ${name}'`, place, absentCheck(name).hint)
  const args = parseCheckArguments(reader, parse, check)
  checkArguments(`'is ${name}'`, check, args, place)
  return grow({ type: 'check', value, name, args, negated, at }, [value, ...inside(args)])
}

/** `is divisibleby 3` may leave the parentheses out. */
function parseCheckArguments(reader: Reader, parse: Parse, check: Operation): Arguments {
  if (sees(reader, '(')) return parseArguments(reader, parse)
  const { type, text } = peek(reader)
  const starts =
    type === 'string' || type === 'number' || text === '[' || (type === 'name' && !CONNECTING.includes(text))
  if (check.parameters.names.length === 0 || !starts) return NONE
  return { positional: [parsePostfix(reader, parse, false)], named: [] }
}

function parseArguments(reader: Reader, parse: Parse): Arguments {
  const positional: Expression[] = []
  const named: NamedArgument[] = []
  take(reader)
  while (!sees(reader, ')')) {
    if (positional.length + named.length >= MOST_ARGUMENTS) refuse(reader, "')'")
    if (peek(reader).type === 'name' && peek(reader, 1).text === '=') named.push(parseNamed(reader, parse))
    else if (named.length > 0) refuse(reader, 'a named argument')
    else positional.push(parse(reader))
    if (!accept(reader, ',')) break
  }
  expect(reader, ')')
  return { positional, named }
}

function parseNamed(reader: Reader, parse: Parse): NamedArgument {
  const name = take(reader).text
  take(reader)
  return { name, value: parse(reader) }
}

function checkArguments(
  what: string,
  operation: Operation,
  { positional, named }: Arguments,
  at: Position,
  code?: string,
): void {
  const problem = misfit(
    operation,
    positional.length,
    named.map(({ name }) => name),
  )
  if (problem) throw syntaxError(`${what} ${problem}`, at, `it takes (${operation.parameters.shown})`, code)
}

/** What is wrong with arguments that are written out need not wait for a rendering. */
function checkLiterals({ parameters, check }: Operation, { positional, named }: Arguments, at: Position): void {
  if (!check) return
  const given = [
    ...positional.map((value, index) => [parameters.names[index]!, value] as const),
    ...named.map(({ name, value }) => [name, value] as const),
  ]
  const literals = given.flatMap(([name, value]) => (value.type === 'literal' ? [[name, value.value] as const] : []))
  try {
    check(Object.fromEntries(literals), createMachine({ get: () => undefined }))
  } catch (error) {
    if (!is(error)) throw error
    throw syntaxError(error.message, at, error.hint)
  }
}

function inside({ positional, named }: Arguments): readonly Expression[] {
  return [...positional, ...named.map(({ value }) => value)]
}

/** What to write for a filter that is none: how a method or a function of that name is called, or the nearest filter. */
function filterMeant(name: string): string | undefined {
  if (METHOD_NAMES.includes(name)) return `it is a method: write value.${name}()`
  if (operationOf(FUNCTIONS, name)) return `it is a function: write ${name}(value)`
  return absentFilter(name).hint
}

/** What to write for a method that is none: how a filter or a function of that name is called, or the nearest method. */
function methodMeant(name: string): string | undefined {
  if (operationOf(FILTERS, name)) return `it is a filter: write value | ${name}`
  if (operationOf(FUNCTIONS, name)) return `it is a function: write ${name}(value)`
  return absentMethod(name).hint
}
