import type { Problem } from '../../errors.ts'
import { clip } from '../protocol/bounds.ts'
import type { SourceRef, SourceReport } from '../protocol/phase-types.ts'

const ADVICE =
  'Give what holds the answer (--file PATH; over HTTP `texts`), or name a model that can do more (--model, ANTIPHON_MODEL; over HTTP `models`).'
const SIZE = 1000
const QUOTED = 300

/** The model declined, and there are no files to look into. */
export function nothingGiven(declined: Problem): Problem {
  return refusal(`there is no text to answer from: ${declined.message}`)
}

/** The model declined after the files were read. */
export function nothingFound(
  declined: Problem,
  sources: readonly SourceRef[],
  reports: readonly SourceReport[],
): Problem {
  const read = sources.filter(({ id }) => reports.some(({ source, reason }) => source === id && !reason))
  const where =
    read.length > 0 ? `nothing in ${read.map(({ ref }) => ref).join(', ')} answers this` : 'nothing could be read'
  return refusal([where, ...unread(reports), declined.message].join('; '))
}

/** Texts were given, and the model answered without naming one that its answer rests on. */
export function unsourced(model: string, answer: string, reports: readonly SourceReport[]): Problem {
  const who = model === '' ? 'the answer names' : `the answer of ${model} names`
  const said = clip(answer.replace(/\s+/g, ' ').trim(), QUOTED)
  return refusal([`${who} no text that it rests on`, ...unread(reports), `it says "${said}"`].join('; '))
}

function unread(reports: readonly SourceReport[]): readonly string[] {
  return reports.flatMap(({ file, reason }) => (reason ? [`${file} was not read (${reason})`] : []))
}

function refusal(why: string): Problem {
  return { code: 'refused', name: 'TerminalError', message: `${clip(why, SIZE)}. ${ADVICE}`, terminal: true }
}
