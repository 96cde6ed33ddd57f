import { stem } from './stem.ts'

const OPPOSITE_WORDS = (
  'succeed succeeded success successful pass passed work / fail failed failure failing break broken; valid correct right / invalid incorrect wrong; ' +
  'true / false; open / closed; enabled on active / disabled off inactive; up rise increase grow / down fall decrease shrink; ' +
  'positive good / negative bad; high / low; complete completed finished done / incomplete unfinished pending; present available / missing absent unavailable; ' +
  'approve approved accept accepted allow allowed / reject rejected refuse refused deny denied forbidden; safe / unsafe dangerous; ' +
  'fast quick / slow; cheap / expensive; easy / hard difficult; new current / old former previous; full / empty; likely / unlikely; ' +
  'possible / impossible; known / unknown; first / last; maximum most longest highest / minimum least shortest lowest; enable / disable; ' +
  'input / output; start begin / stop end; before / after; inside / outside; upper / lower'
)
  .split(';')
  .map((pair) => pair.split('/').map((words) => new Set(words.trim().split(' ').map(stem))))

export function oppositesOf(term: string): readonly string[] {
  return OPPOSITE_WORDS.flatMap(([one, other]) => (one!.has(term) ? [...other!] : other!.has(term) ? [...one!] : []))
}

/** The term, and those that say nearly the same; none if no opposite of it is known. */
export function likeOf(term: string): readonly string[] {
  return OPPOSITE_WORDS.flatMap((sides) => sides.flatMap((side) => (side.has(term) ? [...side] : [])))
}
