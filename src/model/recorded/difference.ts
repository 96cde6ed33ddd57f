import { basename } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { type RecordedEntry, type Recording, signatureOf } from './recording.ts'
import type { RequestForm } from './request-form.ts'

/** Lines of a difference on each side, lines around it, and characters of a line. */
const SHOWN = { lines: 8, around: 2, width: 160 } as const

const AGAIN = 'To record again: ANTIPHON_RECORD=always, or antiphon agent test FILE --record.'

/**
 * The entry that a request was recorded as before it changed: one with the same texts of people, and at least as many
 * messages. Undefined: the request is new.
 */
export function formerOf({ entries }: Recording, request: RequestForm): RecordedEntry | undefined {
  const signature = signatureOf(request)
  const former = entries().filter((entry) => signatureOf(entry.request) === signature)
  return closest(
    former.filter((entry) => entry.request.messages.length >= request.messages.length),
    request,
  )
}

export function changedRequest(recording: Recording, former: RecordedEntry, request: RequestForm): InvalidError {
  const what = `the request has changed since ${nameOf(recording, former)} recorded it`
  return new InvalidError(`${what}:\n${differenceOf(former.request, request)}`, {
    code: 'recording_changed',
    place: placeOf(recording, former),
    hint: `If the change is meant, record again and review the file. ${AGAIN}`,
  })
}

/** The error for a request that a recording lacks and that may not be recorded now. `why` says what forbids it. */
export function missingReply(recording: Recording, request: RequestForm, why: string): InvalidError {
  const near = closest(recording.entries(), request)
  const name = basename(recording.file)
  const than = near ? ` The closest one is ${nameOf(recording, near)}:\n${differenceOf(near.request, request)}` : ''
  return new InvalidError(`${name} has no reply to this request, and ${why}.${than}`, {
    code: 'recording_missing',
    place: near ? placeOf(recording, near) : { file: recording.file },
    hint: `Record it where a model is configured: recordedModel(file, { model: 'provider/name' }). ${AGAIN}`,
  })
}

/** An entry as people find it: `replies.json:5 (3f9a1c20e7)`. */
function nameOf({ file, lineOf }: Recording, { id }: RecordedEntry): string {
  const line = lineOf(id)
  return `${basename(file)}${line === undefined ? '' : `:${line}`} (${id})`
}

function placeOf({ file, lineOf }: Recording, { id }: RecordedEntry) {
  const line = lineOf(id)
  return { file, ...(line !== undefined && { line }) }
}

/** The entry whose beginning is the same for the most lines. */
function closest(entries: readonly RecordedEntry[], request: RequestForm): RecordedEntry | undefined {
  const wanted = linesOf(request)
  const near = entries.map((entry) => {
    const lines = linesOf(entry.request)
    return { entry, same: sameStart(lines, wanted), more: Math.abs(lines.length - wanted.length) }
  })
  return near.toSorted((one, other) => other.same - one.same || one.more - other.more)[0]?.entry
}

/** The lines of two requests from the first to the last one that differs. */
function differenceOf(before: RequestForm, now: RequestForm): string {
  const [old, given] = [linesOf(before), linesOf(now)]
  const start = sameStart(old, given)
  const end = Math.min(sameStart(old.toReversed(), given.toReversed()), Math.min(old.length, given.length) - start)
  return [
    ...old.slice(Math.max(0, start - SHOWN.around), start).map((line) => shown(' ', line)),
    ...some('-', old.slice(start, old.length - end)),
    ...some('+', given.slice(start, given.length - end)),
    ...old.slice(old.length - end, old.length - end + SHOWN.around).map((line) => shown(' ', line)),
  ].join('\n')
}

function some(sign: string, lines: readonly string[]): readonly string[] {
  const rest = lines.length - SHOWN.lines
  const first = lines.slice(0, SHOWN.lines).map((line) => shown(sign, line))
  return rest > 0 ? [...first, `${sign} … ${rest} more lines`] : first
}

const shown = (sign: string, line: string) => `${sign} ${clip(line, SHOWN.width)}`.trimEnd()

function sameStart(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((line, place) => line !== other[place])
  return at < 0 ? Math.min(one.length, other.length) : at
}

/** A request as text: messages first, since they change most often. */
const linesOf = (request: RequestForm): readonly string[] =>
  JSON.stringify(request, null, 1)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/^[[\]{}],?$/.test(line))
