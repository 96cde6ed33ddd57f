import type { PhaseInput } from '../protocol/phase-types.ts'
import type { SearchPlace } from '../protocol/question-parts.ts'

/**
 * Where a further search may find something: the places with something that no search of this ask has looked at. Both
 * legs of Experience say what is left to them. None: another cycle would find the same again.
 */
export function placesLeft(outputs: PhaseInput['outputs']): readonly SearchPlace[] {
  const legs = [outputs['experience.vectors'], outputs['experience.web']]
  const looked = new Set(legs.flatMap((leg) => leg?.looked ?? []))
  return [...new Set(legs.flatMap((leg) => leg?.left ?? []))].filter((place) => !looked.has(place))
}
