import type { Json } from '../../kernel/schema.ts'
import type { Report } from '../findings.ts'
import { type Fields, isMap, type PipelineSpec } from '../spec.ts'
import { checkKeys, type Keys } from './keys.ts'

const LONGEST = 24 * 60 * 60
const MODEL: Keys = { known: ['provider', 'name'] }

/** What holds for every step that does not say otherwise: `model:` and `config.default_timeout`. */
export function readDefaults({ model, config }: Fields, report: Report): Pick<PipelineSpec, 'model' | 'timeout'> {
  const name = readModel(model, report)
  const timeout = isMap(config) ? readTimeout(config.default_timeout, report) : undefined
  return { ...(name !== undefined && { model: name }), ...(timeout !== undefined && { timeout }) }
}

function readModel(model: Json | undefined, report: Report): string | undefined {
  if (model === undefined || model === null) return undefined
  if (typeof model === 'string' && model.trim() !== '') return model.trim()
  if (isMap(model) && typeof model.name === 'string') {
    checkKeys(model, MODEL, ['model'], report)
    return typeof model.provider === 'string' ? `${model.provider}/${model.name}` : model.name
  }
  report('bad_value', ['model'], '`model:` is the name of a model, or a map with `provider:` and `name:`')
  return undefined
}

function readTimeout(seconds: Json | undefined, report: Report): number | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST) return seconds * 1000
  report('bad_value', ['config', 'default_timeout'], `\`default_timeout:\` is a number of seconds up to ${LONGEST}`)
  return undefined
}
