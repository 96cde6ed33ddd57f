import type { Json } from '../../../kernel/schema.ts'
import { SCHEME, secretsIn } from '../../../secret/names.ts'
import { isFilledIn } from '../../../tool/secrets.ts'
import type { Parameters } from '../../plan/compiled.ts'
import type { Path, Report } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'

/** Reports secrets that are named where none is put in: beside a template, or where no tool is called. */
export function checkSecrets(parameters: Parameters, isTool: boolean, step: StepSpec, report: Report): void {
  for (const { text, at } of textsIn(parameters, step.parametersPath)) {
    const [name = namedByTemplate(text)] = secretsIn(text)
    if (name === undefined) continue
    const which = `\`${SCHEME}${name}\``
    if (!isTool && text.startsWith(SCHEME))
      report('not_supported', at, `${which} is not put in here: only tools are given secrets`, { step: step.id })
    if (isTool && isFilledIn(text))
      report('not_supported', at, `${which} is not put in beside a template: data could name another one there`, {
        step: step.id,
        hint: 'give it in a text of its own, for a command in `env:`',
      })
  }
}

/** What stands for the name where that is to be filled in: nothing would be, and the tool be told the text. */
const namedByTemplate = (text: string) => (/secret:\/\/(?:\{[{%]|<AUTO\b)/.test(text) ? '…' : undefined)

type Text = { readonly text: string; readonly at: Path }

function textsIn(value: Json | undefined, at: Path): readonly Text[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn(item, [...at, Array.isArray(value) ? Number(key) : key]),
  )
}
