import type { ComparisonLink, Expression, Logic, Operator, Relation } from '../syntax.ts'
import { parsePostfix } from './postfix.ts'
import type { TokenReader } from './reader.ts'
import { acceptToken, checkTreeHeight, expectToken, isNext, parseNested, peek, takeToken } from './reader.ts'

export const parseExpression = (reader: TokenReader): Expression => parseNested(reader, parseConditional)

/** `a if test else b`, and `test ? a : b` as in JavaScript. */
function parseConditional(reader: TokenReader): Expression {
  let value = parseOr(reader)
  for (let token = acceptToken(reader, 'if'); token; token = acceptToken(reader, 'if')) {
    const test = parseOr(reader)
    const otherwise = acceptToken(reader, 'else') && parseExpression(reader)
    const parts = { test, value, ...(otherwise && { otherwise }) }
    value = checkTreeHeight({ type: 'conditional', ...parts, at: token.at }, [test, value, otherwise])
  }
  return isNext(reader, '?') ? parseTernary(reader, value) : value
}

function parseTernary(reader: TokenReader, test: Expression): Expression {
  const { at } = takeToken(reader)
  const value = parseExpression(reader)
  expectToken(reader, ':')
  const otherwise = parseExpression(reader)
  return checkTreeHeight({ type: 'conditional', test, value, otherwise, at }, [test, value, otherwise])
}

/** An expression without a conditional, such as the list of a `for`, where `if` has another meaning. */
export const parseOr = (reader: TokenReader): Expression => parseLogic(reader, 'or', parseAnd)

const parseAnd = (reader: TokenReader): Expression => parseLogic(reader, 'and', parseNot)

function parseLogic(
  reader: TokenReader,
  operator: Logic['operator'],
  parseOperand: (reader: TokenReader) => Expression,
): Expression {
  let left = parseOperand(reader)
  for (let token = acceptToken(reader, operator); token; token = acceptToken(reader, operator)) {
    const right = parseOperand(reader)
    left = checkTreeHeight({ type: 'logic', operator, left, right, at: token.at }, [left, right])
  }
  return left
}

function parseNot(reader: TokenReader): Expression {
  const token = acceptToken(reader, 'not')
  if (!token) return parseComparison(reader)
  const operand = parseNested(reader, parseNot)
  return checkTreeHeight({ type: 'unary', operator: 'not', operand, at: token.at }, [operand])
}

function parseComparison(reader: TokenReader): Expression {
  const first = parseSum(reader)
  const links: ComparisonLink[] = []
  for (let link = parseLink(reader); link; link = parseLink(reader)) links.push(link)
  if (links.length === 0) return first
  return checkTreeHeight({ type: 'comparison', first, links, at: links[0]!.at }, [
    first,
    ...links.map((link) => link.operand),
  ])
}

function parseLink(reader: TokenReader): ComparisonLink | undefined {
  const { at } = peek(reader)
  const relation = parseRelation(reader)
  return relation && { relation, operand: parseSum(reader), at }
}

function parseRelation(reader: TokenReader): Relation | undefined {
  if (isNext(reader, 'not') && peek(reader, 1).text === 'in') {
    reader.offset += 2
    return 'not in'
  }
  return isNext(reader, '==', '!=', '<', '<=', '>', '>=', 'in') ? (takeToken(reader).text as Relation) : undefined
}

const parseSum = (reader: TokenReader): Expression => parseBinary(reader, ['+', '-'], parseJoin)

function parseJoin(reader: TokenReader): Expression {
  const parts = [parseProduct(reader)]
  const { at } = peek(reader)
  while (acceptToken(reader, '~')) parts.push(parseProduct(reader))
  return parts.length === 1 ? parts[0]! : checkTreeHeight({ type: 'join', parts, at }, parts)
}

const parseProduct = (reader: TokenReader): Expression => parseBinary(reader, ['*', '/', '//', '%'], parsePower)

const parsePower = (reader: TokenReader): Expression => parseBinary(reader, ['**'], (inner) => parseUnary(inner))

function parseBinary(
  reader: TokenReader,
  operators: readonly Operator[],
  parseOperand: (reader: TokenReader) => Expression,
): Expression {
  let left = parseOperand(reader)
  while (isNext(reader, ...operators)) {
    const { text, at } = takeToken(reader)
    const right = parseOperand(reader)
    left = checkTreeHeight({ type: 'binary', operator: text as Operator, left, right, at }, [left, right])
  }
  return left
}

/** A sign binds tighter than a filter, as in Jinja: `-5 | abs` is 5. */
function parseUnary(reader: TokenReader, filters = true): Expression {
  const token = acceptToken(reader, '-') ?? acceptToken(reader, '+')
  if (!token) return parsePostfix(reader, parseExpression, filters)
  const operand = parseNested(reader, (inner) => parseUnary(inner, false))
  const signed = checkTreeHeight({ type: 'unary', operator: token.text as '-' | '+', operand, at: token.at }, [operand])
  return filters ? parsePostfix(reader, parseExpression, true, signed) : signed
}
