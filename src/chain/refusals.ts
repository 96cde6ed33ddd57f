import type { Problem } from '../errors.ts'
import { clip } from './bounded.ts'
import type { SourceRef, SourceReport } from './types.ts'

const ADVICE =
  'Give what holds the answer (--file PATH; over HTTP `texts`), or name a model that can do more (--model, ANTIPHON_MODEL; over HTTP `models`).'
const SIZE = 1000

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
  const unread = reports.flatMap(({ file, reason }) => (reason ? [`${file} was not read (${reason})`] : []))
  const read = sources.filter(({ id }) => reports.some(({ source, reason }) => source === id && !reason))
  const where =
    read.length > 0 ? `nothing in ${read.map(({ ref }) => ref).join(', ')} answers this` : 'nothing could be read'
  return refusal([where, ...unread, declined.message].join('; '))
}

function refusal(why: string): Problem {
  return { code: 'refused', name: 'TerminalError', message: `${clip(why, SIZE)}. ${ADVICE}`, terminal: true }
}
