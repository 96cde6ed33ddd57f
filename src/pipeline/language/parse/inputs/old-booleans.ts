import { isMap } from '../../../../kernel/json.ts'
import type { Json } from '../../../../kernel/schema.ts'
import { readBoolean } from '../../../../tool/parse-text.ts'
import type { InputSpec } from '../../../plan/inputs.ts'
import type { Path } from '../../diagnostics/finding.ts'
import type { Source } from '../../source/read-yaml.ts'

/** What older YAML, as PyYAML reads it, takes for true or false. */
const OLD = /^(?:yes|no|on|off)$/i

/** Warns of a word without quotes that an input of no type has, and that is no longer true or false. */
export function checkOldBoolean({ type, choices }: InputSpec, body: Json, path: Path, source: Source): void {
  const [word, at] = isMap(body) ? [body.default, [...path, 'default']] : [body, path]
  if (typeof word !== 'string' || (isMap(body) && type !== 'any') || choices || !source.isBare(at)) return
  if (!OLD.test(word)) return
  const meant = readBoolean(word)
  source.report('old_boolean', at, `to YAML 1.2 \`${word}\` is a text, and not ${meant}`, {
    hint: `write ${meant}, or "${word}" in quotes if it is to be a text`,
  })
}
