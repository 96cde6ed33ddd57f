import type { Expression, Node, Position } from '../syntax.ts'
import { accept, expect, grow, peek, type Reader, refuse, sees, take } from './reader.ts'
import type { Token } from './tokens.ts'

type Parse = (reader: Reader) => Expression

const CONSTANTS = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
  ['null', null],
])
const RESERVED = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'for', 'endif', 'endfor', 'endset']

/** A literal, a name, or something in brackets. */
export function parsePrimary(reader: Reader, parse: Parse): Expression {
  const token = peek(reader)
  if (token.type === 'number') return grow({ type: 'literal', value: token.value, at: take(reader).at })
  if (token.type === 'string') return parseString(reader, token)
  if (token.type === 'name' && !RESERVED.includes(token.text)) return parseName(reader)
  if (sees(reader, '(')) return parseParentheses(reader, parse)
  if (sees(reader, '[')) return parseList(reader, parse, ']', take(reader).at, [])
  if (sees(reader, '{')) return parseMap(reader, parse)
  if (sees(reader, '{{')) return parseAnswer(reader, parse)
  return refuse(reader, 'a value')
}

function parseName(reader: Reader): Expression {
  const { text, at } = take(reader)
  const constant = CONSTANTS.get(text)
  return grow(constant === undefined ? { type: 'name', name: text, at } : { type: 'literal', value: constant, at })
}

/** Texts one behind the other are one. */
function parseString(reader: Reader, token: Token & { readonly type: 'string' }): Expression {
  const parts = [parsePart(reader, token)]
  for (let next = peek(reader); next.type === 'string'; next = peek(reader)) parts.push(parsePart(reader, next))
  return parts.length === 1 ? parts[0]! : grow({ type: 'join', parts, at: token.at }, parts)
}

function parsePart(reader: Reader, token: Token & { readonly type: 'string' }): Expression {
  const { at } = take(reader)
  if (!reader.mixed || !token.text.includes('{{')) return grow({ type: 'literal', value: token.value, at })
  const nodes = reader.parseText(token.text.slice(1, -1), { line: at.line, column: at.column + 1 })
  const parts = nodes.map((node) => partOf(reader, node))
  return grow({ type: 'join', parts, at }, parts)
}

function partOf(reader: Reader, node: Node): Expression {
  if (node.type === 'output') return node.expression
  return node.type === 'text' ? grow({ type: 'literal', value: node.text, at: node.at }) : refuse(reader, 'a value')
}

function parseParentheses(reader: Reader, parse: Parse): Expression {
  const { at } = take(reader)
  if (accept(reader, ')')) return grow({ type: 'list', items: [], at })
  const first = parse(reader)
  if (accept(reader, ')')) return first
  expect(reader, ',')
  return parseList(reader, parse, ')', at, [first])
}

function parseList(reader: Reader, parse: Parse, closing: string, at: Position, items: Expression[]): Expression {
  while (!sees(reader, closing)) {
    items.push(parse(reader))
    if (!accept(reader, ',')) break
  }
  expect(reader, closing)
  return grow({ type: 'list', items, at }, items)
}

function parseMap(reader: Reader, parse: Parse): Expression {
  const { at } = take(reader)
  const entries: [Expression, Expression][] = []
  while (!sees(reader, '}')) {
    const key = parse(reader)
    expect(reader, ':')
    entries.push([key, parse(reader)])
    if (!accept(reader, ',')) break
  }
  expect(reader, '}')
  return grow({ type: 'map', entries, at }, entries.flat())
}

function parseAnswer(reader: Reader, parse: Parse): Expression {
  const { at } = take(reader)
  const value = parse(reader)
  expect(reader, '}}')
  return grow({ type: 'answer', value, at }, [value])
}
