import { isMap, type JsonMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Report } from '../diagnostics/finding.ts'
import { readModel } from './model-needs.ts'
import type { PipelineSpec } from './pipeline-spec.ts'

const LONGEST = 24 * 60 * 60

/** What holds for every step that does not say otherwise: `model:` and `config.default_timeout`. */
export function readDefaults({ model, config }: JsonMap, report: Report): Pick<PipelineSpec, 'model' | 'timeout'> {
  const wish = readModel(model, report)
  const timeout = isMap(config) ? readTimeout(config.default_timeout, report) : undefined
  return { ...(wish && { model: wish }), ...(timeout !== undefined && { timeout }) }
}

function readTimeout(seconds: Json | undefined, report: Report): number | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST) return seconds * 1000
  report('bad_value', ['config', 'default_timeout'], `\`default_timeout:\` is a number of seconds up to ${LONGEST}`)
  return undefined
}
