import { isJsonObject, type Json } from '../../kernel/json.ts'
import { readYaml } from '../language/source/read-yaml.ts'

type Lines = { readonly line: number; readonly endLine: number }

/** The lines of each step in the text of a pipeline, by node. Steps of included files have none. */
export function stepLines(text: string): { readonly [node: string]: Lines } {
  const { value, locate } = readYaml(text, 'pipeline.yaml')
  const places: { readonly node: string; readonly line: number; readonly column: number }[] = []
  collect(value, [], '')
  const lines = text.split(/\r?\n/)
  const entries = places.map(({ node, line, column }) => [node, { line, endLine: endOf(lines, line, column) }])
  return Object.fromEntries(entries)

  function collect(piece: Json, path: readonly (string | number)[], around: string): void {
    if (Array.isArray(piece)) {
      for (const [index, item] of piece.entries()) collect(item, [...path, index], around)
      return
    }
    if (!isJsonObject(piece)) return
    const isStep = typeof piece.id === 'string' && typeof path.at(-1) === 'number'
    const node = isStep ? `${around}${piece.id}` : ''
    if (isStep) places.push({ node, ...locate(path) })
    const within = isStep ? `${node}.` : around
    for (const [key, item] of Object.entries(piece)) if (STEP_LISTS.has(key)) collect(item, [...path, key], within)
  }
}

/** The keys whose lists hold steps. */
const STEP_LISTS: ReadonlySet<string> = new Set(['steps', 'tasks', 'actions'])

/** The last line of a map in block style: those behind it are indented less. */
function endOf(lines: readonly string[], line: number, column: number): number {
  let end = line
  for (let at = line; at < lines.length; at++) {
    const text = lines[at]!
    if (text.trim() === '') continue
    if (text.length - text.trimStart().length < column - 1) break
    end = at + 1
  }
  return end
}
