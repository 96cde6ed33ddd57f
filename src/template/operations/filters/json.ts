import type { Machine } from '../../machine/machine.ts'
import { writeJson } from '../../values/json.ts'
import { inputText, textOf } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import { type Bound, type Operation, type Operations, operation, wholeArgument } from '../operation.ts'

const indented = writing(2, 'JSON, indented by 2; to_json(indent=none) puts it on one line.')

/** Filters between values and JSON. */
export const JSONS: Operations = {
  tojson: writing(undefined, 'JSON on one line, or indented: tojson(indent=2). Nothing is escaped for HTML.'),
  to_json: indented,
  json: indented,
  json_encode: indented,
  pprint: indented,
  from_json: operation(
    '',
    'What JSON text says; text that is no JSON, and what is no text, stays as it is.',
    (value, _args, machine) => read(value, machine),
  ),
}

/** Spaced as Python does it; nothing is escaped for HTML. */
function writing(indent: number | undefined, does: string): Operation {
  return operation('indent?', does, (value, args, machine) => {
    const margin = marginOf(args, indent, machine)
    const spacing = margin === undefined ? { comma: ', ', colon: ': ' } : { comma: ',', colon: ': ', indent: margin }
    return writeJson(value, machine, spacing)
  })
}

function marginOf(args: Bound, fallback: number | undefined, machine: Machine): string | undefined {
  if (args.indent === null || (args.indent === undefined && fallback === undefined)) return undefined
  return ' '.repeat(Math.min(Math.max(wholeArgument(args, 'indent', fallback ?? 0, machine), 0), 16))
}

/** Text that is not JSON, and what is no text, stays as it is. */
function read(value: unknown, machine: Machine): unknown {
  if (typeof value !== 'string' && !viewOf(value)) return value
  const text = inputText(value, machine)
  try {
    return JSON.parse(text)
  } catch {
    return textOf(value, machine)
  }
}
