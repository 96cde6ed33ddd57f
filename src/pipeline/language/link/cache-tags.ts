import type { LoopSpec, StepSpec } from '../parse/pipeline-spec.ts'
import type { Text } from './reads.ts'

/** The tags of a step's replies, with the way to them. */
export function tagTextsOf({ cacheTags, path }: StepSpec): readonly Text[] {
  return cacheTags ? [[[...cacheTags], [...path, 'cache', 'tags']]] : []
}

/** A loop with what is kept of its own questions: nothing where it is its own body, and the tags are those of each iteration. */
export function withoutTagsOfBody(spec: StepSpec, { body }: LoopSpec): StepSpec {
  const { cacheTags, ...rest } = spec
  const areOfBody = cacheTags !== undefined && body.some((child) => child.cacheTags === cacheTags)
  return areOfBody ? { ...rest, cache: false } : spec
}
