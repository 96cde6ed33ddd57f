import { isJsonObject } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { LOOK_UP_TABLE } from '../schema/step-keys.ts'
import { fieldReader } from '../schema/value-kinds.ts'
import type { StepSpec } from './pipeline-spec.ts'
import { reportKey, reportValue, type StepReader } from './reader.ts'

/** Reads `look_up:`. */
export function readLookUp(reader: StepReader): Pick<StepSpec, 'lookUp'> {
  const { step, path, report, id } = reader
  const given = step.look_up
  if (given === undefined) return {}
  if (!isJsonObject(given)) return reportValue(reader, 'look_up', 'a map') ?? {}
  const at = [...path, 'look_up']
  const read = fieldReader(LOOK_UP_TABLE, given, (key, message, hint) =>
    report('bad_value', [...at, key], message, { step: id, ...(hint !== undefined && { hint }) }),
  )
  const odd = Object.keys(given).find((key) => !Object.hasOwn(LOOK_UP_TABLE, key))
  if (odd !== undefined) report('unknown_key', [...at, odd], `\`look_up\` has no key \`${odd}\``, { step: id })
  const tool = read('tool')
  if (tool === undefined || given.done === undefined)
    return reportKey(reader, 'bad_value', 'look_up', '`look_up`: expected a `tool:` and a template `done:`') ?? {}
  const [action, effect] = [read('action'), read('effect')]
  const [notDone, settlesAfter] = [read('not_done'), read('settles_after')]
  return {
    lookUp: {
      path: at,
      tool,
      parameters: read('parameters') ?? {},
      done: given.done,
      ...present({ action, effect, notDone, settlesAfter }),
    },
  }
}
