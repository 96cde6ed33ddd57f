import { type Document, LineCounter } from 'yaml'
import type { Json } from '../kernel/json.ts'
import { MAX_DEPTH, normalizeLineEnds, parseBounded, positionIn, type TextPosition } from './parse.ts'
import { toJson } from './to-json.ts'

/** The data of a text and the positions of its parts, or the first fault. */
export type YamlResult =
  | { readonly value: Json; readonly document: Document.Parsed; where(offset: number): TextPosition }
  | { readonly message: string; readonly place: TextPosition; readonly isLong: boolean }

/** Maximum number of values after aliases are expanded. */
const MAX_VALUES = 500_000

/** YAML as data, in linear time and memory. `what` names the text in messages. `isLong`: it exceeded a limit. */
export function readBoundedYaml(text: string, what: string): YamlResult {
  const lines = new LineCounter()
  const where = (offset: number) => positionIn(lines, offset)
  const refuse = (message: string, at = 0, isLong = false) => ({ message, place: where(at), isLong })
  const { document, excess } = parseBounded(normalizeLineEnds(text), lines, what)
  if (excess) return refuse(excess.message, excess.at, excess.is === 'long')
  const [error] = document.errors
  if (error) return refuse(`this is not YAML: ${error.message}`, error.pos[0])
  const { value, fault } = toJson(document)
  if (fault) return refuse(fault.message, fault.at)
  return isBounded(value) ? { value, document, where } : refuse(`${what} is too large after its aliases are expanded`)
}

/** Whether data stays within the limits for depth and number of values. */
export const isBounded = (value: Json, most = MAX_VALUES): boolean => count(value, MAX_DEPTH, most) >= 0

/** The remaining number of values. */
function count(value: Json, depth: number, most: number): number {
  if (typeof value !== 'object' || value === null) return most - 1
  if (depth === 0) return -1
  let left = most - 1
  for (const key in value) {
    if (left < 0) return left
    left = count((value as { readonly [key: string]: Json })[key]!, depth - 1, left)
  }
  return left
}
