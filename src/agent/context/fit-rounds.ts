import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { type FileRef, filesOfNote, type Note } from '../../lib/media/file-ref.ts'
import type { ModelRequest, ToolRound } from '../../model/request/request.ts'
import type { Round } from '../protocol/rounds.ts'
import { type FileTexts, filesOfRound, hiddenNote, NO_TEXTS, shownNote, tokensOfFile } from './file-lines.ts'
import { ONE_LINE, roundInForm, WHOLE } from './round-forms.ts'

/** Rounds that stay whole as long as they fit. */
const WHOLE_ROUNDS = 3

/** The share of the bound that rounds of one line for each call may take, and the share left without the oldest. */
const MAX_LINES_SHARE = 1 / 2
const LINES_SHARE = 1 / 4

/** `fixed`: bytes of all else in the request · `bound`: bytes of the whole · `notes`: texts behind the last round */
type Bounds = {
  readonly fixed: number
  readonly bound: number
  /** the share of the bound left after shortening: more than necessary, so that the next rounds keep their beginning */
  readonly shortened: number
  readonly notes: readonly Note[]
  /** bytes of the files of the first message, and of the lines that replace them */
  readonly first?: { readonly whole: number; readonly lines: number }
  /** what readers found in files */
  readonly texts?: FileTexts
}

/**
 * The rounds as a request shows them. `isCut`: some of them are not whole, or files are not shown: neither are those of
 * the first message then. `notes`: the texts that follow.
 */
type FittedRounds = {
  readonly rounds: readonly ToolRound[]
  readonly isCut: boolean
  readonly notes: readonly Note[]
}

/**
 * Makes rounds fit. First the oldest rounds shrink to one line for each call, and the oldest of such rounds are left
 * out when they alone take too much. Then the last three rounds shrink, the oldest first, by ever smaller steps.
 *
 * The decisions of all earlier requests are made again, in their order. So a round that was shortened once stays so,
 * and the beginning of the request changes only where something is shortened. Pure.
 */
export function fitRounds(
  all: readonly Round[],
  { fixed, bound, shortened, notes: given, first = NO_FILES, texts = NO_TEXTS }: Bounds,
): FittedRounds {
  const sizes = roundSizes(all, texts)
  const forms: number[] = []
  const notes = given.map(shownNote)
  let left = 0
  let size = fixed + first.whole
  let isCut = false
  /** The files of the first message go with the first thing that is shortened. */
  const cut = () => {
    if (!isCut) size += first.lines - first.whole
    isCut = true
  }
  const shrink = (place: number, form: number) => {
    if (form <= forms[place]!) return
    size += sizes(place, form) - sizes(place, forms[place]!)
    forms[place] = form
  }
  const leaveOut = () => {
    size += bytesOf(restOf(all[left]!, texts)) - sizes(left, ONE_LINE)
    left++
  }
  for (const [place] of all.entries()) {
    forms.push(WHOLE)
    size += sizes(place, WHOLE)
    // the texts that the model gets together with this round
    const next = sizeOfNotes(all[place + 1]?.told?.map(shownNote) ?? notes)
    const isOver = (limit = bound) => size + next > limit
    if (!isOver()) continue
    cut()
    const old = Math.max(0, place + 1 - WHOLE_ROUNDS)
    for (let one = left; one < old && isOver(bound * shortened); one++) shrink(one, ONE_LINE)
    const lines = () => sum(forms.slice(left, old).map((form, at) => (form === ONE_LINE ? sizes(left + at, form) : 0)))
    if (lines() > bound * MAX_LINES_SHARE) while (left < old && lines() > bound * LINES_SHARE) leaveOut()
    if (!isOver()) continue
    for (let form = WHOLE + 1; form <= ONE_LINE; form++)
      for (let one = old; one <= place && isOver(bound * shortened); one++) shrink(one, form)
  }
  // nothing but files is left to shorten
  if (size + sizeOfNotes(notes) > bound && (first.whole > 0 || notes.some(hasFiles))) cut()
  const isTooLong = isCut && size + sizeOfNotes(notes) > bound
  return {
    rounds: [
      ...leftOut(all.slice(0, left), texts),
      ...all.flatMap((round, at) => (at < left ? [] : roundInForm(round, at + 1, forms[at]!, texts))),
    ],
    isCut,
    notes: isTooLong ? given.map((note) => hiddenNote(note, texts)) : notes,
  }
}

const NO_FILES = { whole: 0, lines: 0 }
const hasFiles = (note: Note) => filesOfNote(note).length > 0

/** The sizes of rounds in their forms, each computed once. */
function roundSizes(all: readonly Round[], texts: FileTexts): (place: number, form: number) => number {
  const known = new Map<string, number>()
  return (place, form) => {
    const measure = () => sizeOfRound(roundInForm(all[place]!, place + 1, form, texts))
    return getOrInsert(known, `${place}.${form}`, measure)
  }
}

/** The texts of people and of the goal stay when the rest of their round is left out. */
const restOf = ({ told: notes = [] }: Round, texts: FileTexts) => notes.map((note) => hiddenNote(note, texts))

function leftOut(rounds: readonly Round[], texts: FileTexts): ToolRound[] {
  if (rounds.length === 0) return []
  const calls = sum(rounds.map((round) => round.calls.length))
  const note = `The first ${rounds.length} rounds with their ${calls} calls are no longer shown.`
  return [{ told: [...rounds.flatMap((round) => restOf(round, texts)), note], said: [], results: [] }]
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/** Bytes of a value as JSON. Other scripts have fewer characters for each token, but more bytes for each character. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Bytes that a token has at least, in most texts. */
export const BYTES_PER_TOKEN = 3

/** Bytes of a text that would take as many tokens as the files. */
export const weightOf = (files: readonly FileRef[]): number =>
  sum(files.map((file) => tokensOfFile(file) * BYTES_PER_TOKEN))

const sizeOfRound = (round: ToolRound) => bytesOf(round) + weightOf(filesOfRound(round))
const sizeOfNotes = (notes: readonly Note[]) => bytesOf(notes) + weightOf(notes.flatMap(filesOfNote))

/** The size of a request, in bytes of a text. */
export const sizeOfRequest = (request: ModelRequest): number =>
  bytesOf(request) +
  weightOf([...(request.files ?? []).filter((file) => 'file' in file), ...(request.rounds ?? []).flatMap(filesOfRound)])
