import type { Json } from '../../../kernel/schema.ts'
import type { DoneCall } from './completed-goal.ts'
import type { ResultPlace } from './results.ts'

/** A part of a text: literal, the value of a goal, or a value of a result. */
export type Segment =
  | string
  | { readonly type: 'goal'; readonly text: string }
  | ({ readonly type: 'result' } & ResultPlace)

/**
 * A parameter with its values replaced. `text`: a text made of
 * segments; a single one that is not literal keeps its type.
 */
export type Written =
  | { readonly type: 'literal'; readonly value: Json }
  | { readonly type: 'text'; readonly segments: readonly Segment[] }
  | { readonly type: 'list'; readonly items: readonly Written[] }
  | { readonly type: 'map'; readonly fields: { readonly [name: string]: Written } }

/** A step that repeats a call. */
export type StepOfCall = {
  readonly id: string
  /** the place of the call among those of the goal */
  readonly place: number
  readonly call: DoneCall
  readonly written: Written
}

/** A replacement of a text, made only where the text occurs. */
export type Replacement = { readonly text: string; by(): Segment }

/** Splits a text where other texts stand in it between word boundaries; the earlier replacements come first. Pure. */
export function replaceIn(text: string, replacements: readonly Replacement[]): readonly Segment[] {
  let segments: readonly Segment[] = [text]
  for (const replacement of replacements)
    segments = segments.flatMap((segment) => (typeof segment === 'string' ? splitAt(segment, replacement) : [segment]))
  return segments
}

function splitAt(text: string, { text: wanted, by }: Replacement): Segment[] {
  const segments: Segment[] = []
  let from = 0
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    if (!isBetweenWords(text, at, at + wanted.length)) continue
    if (at > from) segments.push(text.slice(from, at))
    segments.push(by())
    from = at + wanted.length
  }
  if (from < text.length) segments.push(text.slice(from))
  return segments
}

/** Whether no word goes on over the edges of a piece of a text. */
export function isBetweenWords(text: string, start: number, end: number): boolean {
  const joins = (left: string | undefined, right: string | undefined) => isWordLike(left) && isWordLike(right)
  return !joins(text[start - 1], text[start]) && !joins(text[end - 1], text[end])
}

const isWordLike = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/** A value of a parameter: segments of a text, or a literal. */
export type Leaf = { readonly key: string } & ({ readonly segments: readonly Segment[] } | { readonly value: Json })

/** The values of parameters with the paths of their fields, from the outside in. An empty text is a literal. */
export function leavesIn(written: Written, key = ''): readonly Leaf[] {
  switch (written.type) {
    case 'literal':
      return [{ key, value: written.value }]
    case 'text':
      return written.segments.length === 0 ? [{ key, value: '' }] : [{ key, segments: written.segments }]
    case 'list':
      return written.items.flatMap((item) => leavesIn(item, key))
    case 'map':
      return Object.entries(written.fields).flatMap(([name, field]) =>
        leavesIn(field, key === '' ? name : `${key}.${name}`),
      )
  }
}

/** The texts among these values. */
export function textsIn(written: Written): readonly { readonly key: string; readonly segments: readonly Segment[] }[] {
  return leavesIn(written).flatMap((leaf) => ('segments' in leaf ? [leaf] : []))
}
