import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import {
  parseCondition,
  parseTemplate,
  renderTemplate,
  scopeOf,
  type TemplateScope,
  testCondition,
} from '../../template/template.ts'
import type { LookUpTexts } from '../once/call-finding.ts'

/** The texts of a look-up in the settings of a server: they see its names alone. */
export const LOOK_UP_TEXTS: LookUpTexts = {
  value: (template, names) => rendered(template, scopeOf(names)),
  holds: (condition, names) => testCondition(parseCondition(condition), scopeOf(names)),
}

function rendered(value: Json, scope: TemplateScope): Json {
  if (typeof value === 'string') return (renderTemplate(parseTemplate(value), scope) ?? null) as Json
  if (Array.isArray(value)) return value.map((one: Json) => rendered(one, scope))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rendered(one!, scope)]))
}
