import { exactNumber } from '../../kernel/json.ts'
import type { Expression, TemplateNode, TemplatePosition } from '../syntax.ts'
import type { TokenReader } from './reader.ts'
import { acceptToken, checkTreeHeight, expectToken, isNext, peek, takeToken, unexpectedToken } from './reader.ts'
import type { TemplateToken } from './tokens.ts'

type Parse = (reader: TokenReader) => Expression

const CONSTANTS = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
  ['null', null],
])
const RESERVED_WORDS = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'for', 'endif', 'endfor', 'endset']

/** A literal, a name, or an expression in brackets. */
export function parsePrimary(reader: TokenReader, parse: Parse): Expression {
  const token = peek(reader)
  if (token.type === 'number')
    return checkTreeHeight({
      type: 'literal',
      value: exactNumber(token.value, token.text.replaceAll('_', '')),
      at: takeToken(reader).at,
    })
  if (token.type === 'string') return parseString(reader, token)
  if (token.type === 'name' && !RESERVED_WORDS.includes(token.text)) return parseName(reader)
  if (isNext(reader, '(')) return parseParentheses(reader, parse)
  if (isNext(reader, '[')) return parseList(reader, parse, ']', takeToken(reader).at, [])
  if (isNext(reader, '{')) return parseMap(reader, parse)
  if (isNext(reader, '{{')) return parseAnswer(reader, parse)
  return unexpectedToken(reader, 'a value')
}

function parseName(reader: TokenReader): Expression {
  const { text, at } = takeToken(reader)
  const constant = CONSTANTS.get(text)
  return checkTreeHeight(
    constant === undefined ? { type: 'name', name: text, at } : { type: 'literal', value: constant, at },
  )
}

/** Consecutive texts are joined. */
function parseString(reader: TokenReader, token: TemplateToken & { readonly type: 'string' }): Expression {
  const parts = [parsePart(reader, token)]
  for (let next = peek(reader); next.type === 'string'; next = peek(reader)) parts.push(parsePart(reader, next))
  return parts.length === 1 ? parts[0]! : checkTreeHeight({ type: 'join', parts, at: token.at }, parts)
}

function parsePart(reader: TokenReader, token: TemplateToken & { readonly type: 'string' }): Expression {
  const { at } = takeToken(reader)
  if (!reader.mixed || !token.text.includes('{{')) return checkTreeHeight({ type: 'literal', value: token.value, at })
  const nodes = reader.parseText(token.text.slice(1, -1), { line: at.line, column: at.column + 1 })
  const parts = nodes.map((node) => partOf(reader, node))
  return checkTreeHeight({ type: 'join', parts, at }, parts)
}

function partOf(reader: TokenReader, node: TemplateNode): Expression {
  if (node.type === 'output') return node.expression
  return node.type === 'text'
    ? checkTreeHeight({ type: 'literal', value: node.text, at: node.at })
    : unexpectedToken(reader, 'a value')
}

function parseParentheses(reader: TokenReader, parse: Parse): Expression {
  const { at } = takeToken(reader)
  if (acceptToken(reader, ')')) return checkTreeHeight({ type: 'list', items: [], at })
  const first = parse(reader)
  if (acceptToken(reader, ')')) return first
  expectToken(reader, ',')
  return parseList(reader, parse, ')', at, [first])
}

function parseList(
  reader: TokenReader,
  parse: Parse,
  closing: string,
  at: TemplatePosition,
  items: Expression[],
): Expression {
  while (!isNext(reader, closing)) {
    items.push(parse(reader))
    if (!acceptToken(reader, ',')) break
  }
  expectToken(reader, closing)
  return checkTreeHeight({ type: 'list', items, at }, items)
}

function parseMap(reader: TokenReader, parse: Parse): Expression {
  const { at } = takeToken(reader)
  const entries: [Expression, Expression][] = []
  while (!isNext(reader, '}')) {
    const key = parse(reader)
    expectToken(reader, ':')
    entries.push([key, parse(reader)])
    if (!acceptToken(reader, ',')) break
  }
  expectToken(reader, '}')
  return checkTreeHeight({ type: 'map', entries, at }, entries.flat())
}

function parseAnswer(reader: TokenReader, parse: Parse): Expression {
  const { at } = takeToken(reader)
  const value = parse(reader)
  expectToken(reader, '}}')
  return checkTreeHeight({ type: 'answer', value, at }, [value])
}
