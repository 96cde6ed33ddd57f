import type { Expression, Link, Logic, Operator, Relation } from '../syntax.ts'
import { parsePostfix } from './postfix.ts'
import { accept, expect, grow, nest, peek, type Reader, sees, take } from './reader.ts'

/** An expression with all that may stand in it. */
export function parseExpression(reader: Reader): Expression {
  return nest(reader, parseConditional)
}

/** `a if test else b`, and for those who think in JavaScript `test ? a : b`. */
function parseConditional(reader: Reader): Expression {
  let value = parseOr(reader)
  for (let token = accept(reader, 'if'); token; token = accept(reader, 'if')) {
    const test = parseOr(reader)
    const otherwise = accept(reader, 'else') && parseExpression(reader)
    const parts = { test, value, ...(otherwise && { otherwise }) }
    value = grow({ type: 'conditional', ...parts, at: token.at }, [test, value, otherwise])
  }
  return sees(reader, '?') ? parseTernary(reader, value) : value
}

function parseTernary(reader: Reader, test: Expression): Expression {
  const { at } = take(reader)
  const value = parseExpression(reader)
  expect(reader, ':')
  const otherwise = parseExpression(reader)
  return grow({ type: 'conditional', test, value, otherwise, at }, [test, value, otherwise])
}

/** What may stand before an `if` that is not its own: the list of a `for`. */
export function parseOr(reader: Reader): Expression {
  return parseLogic(reader, 'or', parseAnd)
}

function parseAnd(reader: Reader): Expression {
  return parseLogic(reader, 'and', parseNot)
}

function parseLogic(
  reader: Reader,
  operator: Logic['operator'],
  parseOperand: (reader: Reader) => Expression,
): Expression {
  let left = parseOperand(reader)
  for (let token = accept(reader, operator); token; token = accept(reader, operator)) {
    const right = parseOperand(reader)
    left = grow({ type: 'logic', operator, left, right, at: token.at }, [left, right])
  }
  return left
}

function parseNot(reader: Reader): Expression {
  const token = accept(reader, 'not')
  if (!token) return parseComparison(reader)
  const operand = nest(reader, parseNot)
  return grow({ type: 'unary', operator: 'not', operand, at: token.at }, [operand])
}

function parseComparison(reader: Reader): Expression {
  const first = parseSum(reader)
  const links: Link[] = []
  for (let link = parseLink(reader); link; link = parseLink(reader)) links.push(link)
  if (links.length === 0) return first
  return grow({ type: 'comparison', first, links, at: links[0]!.at }, [first, ...links.map((link) => link.operand)])
}

function parseLink(reader: Reader): Link | undefined {
  const { at } = peek(reader)
  const relation = parseRelation(reader)
  return relation && { relation, operand: parseSum(reader), at }
}

function parseRelation(reader: Reader): Relation | undefined {
  if (sees(reader, 'not') && peek(reader, 1).text === 'in') {
    reader.offset += 2
    return 'not in'
  }
  return sees(reader, '==', '!=', '<', '<=', '>', '>=', 'in') ? (take(reader).text as Relation) : undefined
}

function parseSum(reader: Reader): Expression {
  return parseBinary(reader, ['+', '-'], parseJoin)
}

function parseJoin(reader: Reader): Expression {
  const parts = [parseProduct(reader)]
  const { at } = peek(reader)
  while (accept(reader, '~')) parts.push(parseProduct(reader))
  return parts.length === 1 ? parts[0]! : grow({ type: 'join', parts, at }, parts)
}

function parseProduct(reader: Reader): Expression {
  return parseBinary(reader, ['*', '/', '//', '%'], parsePower)
}

function parsePower(reader: Reader): Expression {
  return parseBinary(reader, ['**'], (inner) => parseUnary(inner))
}

function parseBinary(
  reader: Reader,
  operators: readonly Operator[],
  parseOperand: (reader: Reader) => Expression,
): Expression {
  let left = parseOperand(reader)
  while (sees(reader, ...operators)) {
    const { text, at } = take(reader)
    const right = parseOperand(reader)
    left = grow({ type: 'binary', operator: text as Operator, left, right, at }, [left, right])
  }
  return left
}

/** A sign binds tighter than a filter, as in Jinja: `-5 | abs` is 5. */
function parseUnary(reader: Reader, filters = true): Expression {
  const token = accept(reader, '-') ?? accept(reader, '+')
  if (!token) return parsePostfix(reader, parseExpression, filters)
  const operand = nest(reader, (inner) => parseUnary(inner, false))
  const signed = grow({ type: 'unary', operator: token.text as '-' | '+', operand, at: token.at }, [operand])
  return filters ? parsePostfix(reader, parseExpression, true, signed) : signed
}
