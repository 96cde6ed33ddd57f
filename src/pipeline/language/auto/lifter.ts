import type { Json } from '../../../kernel/schema.ts'
import type { ObjectSchema, PropertySchema } from '../../../tool/schema.ts'
import type { TextPosition } from '../../../yaml/parse.ts'
import type { AnswerShape } from '../../plan/auto-tag.ts'
import { type DocumentPath, formatPath, type ReportFinding } from '../diagnostics/finding.ts'
import type { PlacedTag } from '../parse/pipeline-spec.ts'
import { type FoundTag, findAutoTags, hasAutoTag } from '../source/find-tags.ts'
import { positionFinder } from '../source/source-map.ts'
import { answerShapeOf, strayAttributes, tagHints } from './answer-shape.ts'

type ExpectedAnswer = {
  readonly key: string
  readonly shape?: AnswerShape
  readonly property?: PropertySchema | undefined
}

type Properties = NonNullable<ObjectSchema['properties']>

/** Takes tags out of texts and values, and collects them. */
export type TagLifter = {
  text(text: string, path: DocumentPath, asked: ExpectedAnswer): string
  lift(value: Json, path: DocumentPath, properties: Properties): Json
  taken(): readonly PlacedTag[]
}

/** Makes a lifter that takes tags out of one text after the other. `step` and `prefix` apply to all its tags. */
export function createTagLifter(report: ReportFinding, step?: string, prefix = '__auto_'): TagLifter {
  const taken: PlacedTag[] = []
  let count = 0
  const name = () => `${prefix}${count++}`
  const about = step === undefined ? {} : { step }

  function text(source: string, path: DocumentPath, asked: ExpectedAnswer): string {
    if (!hasAutoTag(source)) return source
    const found = findAutoTags(source, name)
    if ('wrong' in found) {
      const isClosed = source.startsWith('</', found.at)
      const hint = isClosed ? 'Open it with `<AUTO>`.' : 'Close it with `</AUTO>`, or make it the whole value.'
      report('auto_unclosed_ambiguous', path, found.wrong, { ...about, within: positionFinder(source)(found.at), hint })
      return ''
    }
    const placeOf = positionFinder(source)
    for (const tag of found.tags) take(tag, placeOf(tag.at), path, asked)
    return found.text
  }

  function take(
    tag: FoundTag,
    within: TextPosition,
    path: DocumentPath,
    { key, shape: given, property }: ExpectedAnswer,
  ): void {
    const shape = tag.nested ? answerShapeOf(tag, { key: '' }) : (given ?? answerShapeOf(tag, { key, property }))
    for (const { wrong, hint } of strayAttributes(tag)) report('unknown_key', path, wrong, { ...about, hint })
    if ('wrong' in shape) {
      report('bad_value', path, shape.wrong, { ...about, hint: shape.hint })
      return
    }
    taken.push({
      name: tag.name,
      for: formatPath(path),
      instruction: tag.instruction,
      shape,
      hints: tagHints(tag),
      path,
      within,
    })
  }

  function lift(value: Json, path: DocumentPath, properties: Properties): Json {
    const key = String(path.findLast((part) => typeof part === 'string') ?? '')
    if (typeof value === 'string') return text(value, path, { key, property: properties[key] })
    if (Array.isArray(value)) return value.map((item, index) => lift(item, [...path, index], {}))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    return Object.fromEntries(entries.map(([name, item]) => [name, lift(item ?? null, [...path, name], properties)]))
  }

  return { text, lift, taken: () => taken }
}
