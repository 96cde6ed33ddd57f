import type { Machine } from '../../evaluate/machine.ts'
import { writeJson } from '../../values/json.ts'
import { inputText, textOf } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import { wholeArgument } from '../arguments.ts'
import { type Bound, type Operation, type Operations, operation } from '../operation.ts'

const indented = writing(2)

/** Filters between values and JSON. */
export const JSONS: Operations = {
  tojson: writing(undefined),
  to_json: indented,
  json: indented,
  json_encode: indented,
  from_json: operation('', (value, _args, machine) => read(value, machine)),
}

/** Spaced as Python does it; nothing is escaped for HTML. */
function writing(indent: number | undefined): Operation {
  return operation('indent', (value, args, machine) => {
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
