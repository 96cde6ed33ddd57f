import { is } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import {
  type Condition,
  parseCondition,
  parseTemplate,
  type Reference,
  references,
  type Template,
} from '../../template/template.ts'
import { isCode } from '../diagnostics.ts'
import type { Path, Report } from '../findings.ts'

/** A name that author text takes from its surroundings, and where it stands. */
export type Mention = Reference & { readonly path: readonly string[]; readonly at: Path }

/** What is needed to read templates: the step they belong to, and names whose hyphens are no minus. */
export type TemplateContext = { readonly report: Report; readonly names: ReadonlySet<string>; readonly step?: string }

/** Every name the texts in a value mention; what is no template is reported. */
export function mentionsIn(value: Json, at: Path, context: TemplateContext): readonly Mention[] {
  if (typeof value === 'string')
    return mentionsOf(() => parseTemplate(spell(value), { names: context.names }), value, at, context)
  if (Array.isArray(value)) return value.flatMap((item, index) => mentionsIn(item, [...at, index], context))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : mentionsIn(item, [...at, key], context),
  )
}

/** Every name a condition mentions. */
export function mentionsInCondition(text: string, at: Path, context: TemplateContext): readonly Mention[] {
  return mentionsOf(() => parseCondition(text, { names: context.names }), text, at, context)
}

/** A value with its texts as they are parsed: the old `$results.step.field` is `{{ step.field }}`. */
export function spellAll(value: Json): Json {
  if (typeof value === 'string') return spell(value)
  if (Array.isArray(value)) return value.map(spellAll)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === undefined ? item : spellAll(item)]),
  )
}

function spell(text: string): string {
  const old = /^\$results\.([\w.-]+)$/.exec(text.trim())
  return old ? `{{ ${old[1]} }}` : text
}

function mentionsOf(
  parse: () => Template | Condition,
  text: string,
  at: Path,
  context: TemplateContext,
): readonly Mention[] {
  const { report, step } = context
  const about = step === undefined ? {} : { step }
  const early = notBuilt(text)
  if (early) {
    report('not_supported', at, early, about)
    return []
  }
  try {
    return references(parse()).map((reference) => ({ ...reference, at }))
  } catch (error) {
    if (!is(error, 'InvalidError')) throw error
    const { place, hint } = error as { place?: { line?: number; column?: number }; hint?: string }
    const within = { line: place?.line ?? 1, column: place?.column ?? 1 }
    report(isCode(error.code) ? error.code : 'template_syntax', at, error.message, { ...about, within, hint })
    return []
  }
}

function notBuilt(text: string): string | undefined {
  if (/<AUTO\b/.test(text)) return '<AUTO> is not supported'
  return /\{\{\s*file:/.test(text) ? 'files are included in parameters and actions of steps only' : undefined
}
