import { checkDepth, checkLength, type RenderMachine, spendSteps, spendText } from '../machine/machine.ts'
import { viewOf } from '../view.ts'
import { entriesOf } from './entries.ts'

/** The spacing of JSON. With `indent`, each item gets its own line. */
type JsonSpacing = { readonly comma: string; readonly colon: string; readonly indent?: string }

type JsonWriter = {
  readonly machine: RenderMachine
  readonly spacing: JsonSpacing
  readonly pieces: string[]
  length: number
}

/** A value as JSON: views as their values, null for values that JSON cannot express. */
export function writeTemplateJson(value: unknown, machine: RenderMachine, spacing: JsonSpacing): string {
  const writer: JsonWriter = { machine, spacing, pieces: [], length: 0 }
  writeValue(writer, value, '', 0)
  spendText(machine, writer.length)
  return writer.pieces.join('')
}

function writeValue(writer: JsonWriter, value: unknown, margin: string, depth: number): void {
  spendSteps(writer.machine, 1)
  checkDepth(writer.machine, depth)
  const view = viewOf(value)
  if (view) writeValue(writer, view.value ? view.value() : view.text(), margin, depth + 1)
  else if (typeof value !== 'object' || value === null) put(writer, scalarJson(value))
  else if (Array.isArray(value)) writeList(writer, value, margin, depth)
  else writeMap(writer, value, margin, depth)
}

function writeList(writer: JsonWriter, list: readonly unknown[], margin: string, depth: number): void {
  writeItems(writer, '[]', list, margin, (item, inner) => writeValue(writer, item, inner, depth + 1))
}

function writeMap(writer: JsonWriter, map: object, margin: string, depth: number): void {
  const entries = entriesOf(map, writer.machine)
  writeItems(writer, '{}', entries, margin, ([key, field], inner) => {
    put(writer, JSON.stringify(key) + writer.spacing.colon)
    writeValue(writer, field, inner, depth + 1)
  })
}

function writeItems<T>(
  writer: JsonWriter,
  brackets: string,
  items: readonly T[],
  margin: string,
  write: (item: T, margin: string) => void,
): void {
  const { comma, indent } = writer.spacing
  const inner = indent === undefined ? '' : margin + indent
  const line = indent === undefined || items.length === 0 ? '' : '\n'
  put(writer, brackets[0]!)
  items.forEach((item, index) => {
    put(writer, `${index > 0 ? comma : ''}${line}${inner}`)
    write(item, inner)
  })
  put(writer, (line && line + margin) + brackets[1]!)
}

function scalarJson(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null')
}

function put(writer: JsonWriter, piece: string): void {
  writer.pieces.push(piece)
  writer.length += piece.length
  checkLength(writer.machine, writer.length)
}
