import { parseExact } from '../../../kernel/json.ts'
import { whyNotJson } from '../../../lib/json/fault.ts'
import { type RenderMachine, spendSteps } from '../../machine/machine.ts'
import { failedConversion } from '../../machine/missing.ts'
import { writeTemplateJson } from '../../values/json.ts'
import { inputText } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { defineOperation, wholeArgument } from '../operation.ts'

const indented = writing(2, 'JSON, indented by 2; on one line with to_json(indent=none).')

export const JSON_FILTERS: TemplateOperations = {
  tojson: writing(undefined, 'JSON on one line, or indented: tojson(indent=2). Not escaped for HTML.'),
  to_json: indented,
  json: indented,
  json_encode: indented,
  pprint: indented,
  from_json: defineOperation(
    '',
    'Parses JSON text, and fails for other text. Values that are not text stay unchanged.',
    (value, _args, machine) => read(value, machine),
  ),
}

/** Spaced as Python does it; nothing is escaped for HTML. */
function writing(indent: number | undefined, does: string): TemplateOperation {
  return defineOperation('indent?', does, (value, args, machine) => {
    const margin = marginOf(args, indent, machine)
    const spacing = margin === undefined ? { comma: ', ', colon: ': ' } : { comma: ',', colon: ': ', indent: margin }
    return writeTemplateJson(value, machine, spacing)
  })
}

function marginOf(args: BoundArguments, fallback: number | undefined, machine: RenderMachine): string | undefined {
  if (args.indent === null || (args.indent === undefined && fallback === undefined)) return undefined
  return ' '.repeat(Math.min(Math.max(wholeArgument(args, 'indent', fallback ?? 0, machine), 0), 16))
}

/** Leaves values unchanged that are not texts. */
function read(value: unknown, machine: RenderMachine): unknown {
  if (typeof value !== 'string' && !viewOf(value)) return value
  const text = inputText(value, machine)
  try {
    return parseExact(text)
  } catch {
    spendSteps(machine, text.length / 8)
    return failedConversion(machine, `the text is not JSON: ${whyNotJson(text)}`, DEFAULT_HINT)
  }
}

const DEFAULT_HINT = 'To continue without it, add a default: | from_json | default([])'
