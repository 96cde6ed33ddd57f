import type { InvalidError } from '../../../../errors.ts'
import type { Json } from '../../../../kernel/schema.ts'
import { mapTexts } from '../../../../lib/json/map-texts.ts'
import { isCode } from '../../../../run/finding.ts'
import type { Condition, ParseOptions, Template, TemplateReference } from '../../../../template/template.ts'
import { listReferences, parseCondition, parseTemplate } from '../../../../template/template.ts'
import type { TextPosition } from '../../../../yaml/parse.ts'
import type { DocumentPath, ReportFinding } from '../../diagnostics/finding.ts'
import type { PipelineSpec } from '../../parse/pipeline-spec.ts'
import { allLoops } from './scopes.ts'

/** A name in an author's text that refers to something outside of it, and its place. */
export type Mention = TemplateReference & { readonly path: readonly string[]; readonly at: DocumentPath }

/** The context for parsing templates: their step, and the names that contain hyphens. */
export type TemplateContext = {
  readonly report: ReportFinding
  readonly names: ReadonlySet<string>
  readonly step?: string
  /** where the text begins within a longer text */
  readonly origin?: TextPosition
}

/** All names that the texts in a value mention. Faults of templates are reported. */
export function mentionsIn(value: Json, at: DocumentPath, context: TemplateContext): readonly Mention[] {
  if (typeof value === 'string')
    return mentionsOf((options) => parseTemplate(normalizeText(value), options), value, at, context)
  if (Array.isArray(value)) return value.flatMap((item, index) => mentionsIn(item, [...at, index], context))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => {
    checkKey(key, at, context)
    return item === undefined ? [] : mentionsIn(item, [...at, key], context)
  })
}

/** A key is never rendered, so a template in a key would stay as it is. */
function checkKey(key: string, at: DocumentPath, { report, step }: TemplateContext): void {
  if (!/\{\{|\{%|<AUTO\b/.test(key)) return
  report('not_supported', [...at, key], `templates in keys are not rendered: \`${key.slice(0, 80)}\``, {
    key: true,
    ...(step !== undefined && { step }),
    hint: 'Write a literal key, or create the whole map with one template: "{{ { name: value } }}"',
  })
}

export function mentionsInCondition(text: string, at: DocumentPath, context: TemplateContext): readonly Mention[] {
  return mentionsOf((options) => parseCondition(text, options), text, at, context)
}

/** A value with its texts in the form that is parsed: the old `$results.step.field` becomes `{{ step.field }}`. */
export const normalizeTexts = <Value>(value: Value): Value => mapTexts(value, normalizeText)

function normalizeText(text: string): string {
  const old = /^\$results\.([\w.-]+)$/.exec(text.trim())
  return old ? `{{ ${old[1]} }}` : text
}

function mentionsOf(
  parse: (options: ParseOptions) => Template | Condition,
  text: string,
  at: DocumentPath,
  context: TemplateContext,
): readonly Mention[] {
  const { report, step } = context
  const about = step === undefined ? {} : { step }
  const early = unsupportedSyntax(text)
  if (early) {
    report('not_supported', at, early, about)
    return []
  }
  const faults: (Pick<InvalidError, 'code' | 'message' | 'hint'> & TextPosition)[] = []
  const parsed = parse({ names: context.names, onFault: (fault) => faults.push(withPosition(fault)) })
  faults.sort((a, b) => a.line - b.line || a.column - b.column)
  for (const { code, message, hint, ...place } of faults.slice(0, MAX_TEMPLATE_FAULTS)) {
    const within = positionInSource(context, place)
    report(isCode(code) ? code : 'template_syntax', at, message, { ...about, within, hint })
  }
  return listReferences(parsed).map((reference) => ({ ...reference, ...positionInSource(context, reference), at }))
}

function withPosition({ code, message, hint, place: { line = 1, column = 1 } }: InvalidError) {
  return { code, message, ...(hint !== undefined && { hint }), line, column }
}

/** Maximum reported faults of one text. */
const MAX_TEMPLATE_FAULTS = 10

function positionInSource({ origin }: TemplateContext, { line, column }: TextPosition): TextPosition {
  if (!origin) return { line, column }
  return { line: origin.line + line - 1, column: line === 1 ? origin.column + column - 1 : column }
}

function unsupportedSyntax(text: string): string | undefined {
  if (/<AUTO\b/.test(text)) return '<AUTO> has no meaning here'
  return /\{\{\s*file:/.test(text) ? 'files can be included only in parameters and actions of steps' : undefined
}

/** The names with hyphens, which templates must not read as subtractions. */
export function hyphenatedNames({ inputs, steps }: PipelineSpec): readonly string[] {
  const ids = [steps, ...allLoops(steps).map(({ loop }) => loop.body)].flatMap((body) => body.map(({ id }) => id))
  const loops = allLoops(steps).map(({ loop }) => loop.name)
  const before = allLoops(steps).flatMap(({ loop }) => (loop.turns ? loop.body.map(({ id }) => `prev_${id}`) : []))
  return [...new Set([...Object.keys(inputs), ...ids, ...loops, ...before])].filter((name) => name.includes('-'))
}
