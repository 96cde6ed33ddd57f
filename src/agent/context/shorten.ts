import { hash } from 'node:crypto'
import { asText, type Json } from '../../kernel/json.ts'
import { wholeCharacters } from '../../lib/clip.ts'
import type { Skill } from '../definition/definition.ts'
import type { CallOutput } from '../protocol/rounds.ts'
import type { CallStatus } from '../protocol/stored-goal.ts'

/** The maximum characters of a result that the model sees whole. */
const MAX_SHOWN = 8 * 1024

/** The shares of a shortened text that are its beginning and its end. */
const HEAD = 5 / 8
const TAIL = 2 / 8

/** Characters of a page of `read_result`. */
const PAGE = 8 * 1024

/** The form of a result that is recorded. A long one is its beginning and its end, apart from each other. Pure. */
export function shortenResult(outcome: CallStatus, text: string): CallOutput {
  return text.length <= MAX_SHOWN ? { outcome, output: text } : cut(outcome, text, text, text.length, MAX_SHOWN)
}

/** A result that was recorded, with a beginning and an end of about `most` characters together. Pure. */
export function shortenFurther(result: CallOutput, most: number): CallOutput {
  const { outcome, output, tail = '', characters } = result
  const text = asText(output)
  if (text.length + tail.length <= most + FRAME) return result
  return cut(outcome, text, tail || text, characters ?? text.length, most)
}

/** Characters around the parts of a shortened result, about. */
const FRAME = 200

function cut(outcome: CallStatus, head: string, tail: string, characters: number, most: number): CallOutput {
  const output = head.slice(0, wholeCharacters(head, most * HEAD))
  return { outcome, output, tail: tail.slice(wholeCharacters(tail, tail.length - most * TAIL)), characters }
}

/**
 * A result as the model sees it. If it is shortened, a note says how much is shown, and where all of it is. Behind the
 * note, each part stands between marks that occur in neither part. Without a handle the goal answered the call itself,
 * and the same call gives the same text. Pure.
 */
export function shownResult({ output, tail, characters = 0 }: CallOutput, handle: string | undefined): Json {
  // it is whole
  if (tail === undefined) return output
  const head = asText(output)
  const source =
    handle === undefined
      ? 'the same call gives all of it'
      : `read_result shows all of it: handle ${handle}, pages 1 to ${pagesIn(characters)}`
  const mark = markOutside(head + tail)
  return [
    `The result has ${characters} characters. These are the first ${head.length} and the last ${tail.length}; ${source}.`,
    ...[`<first ${mark}>`, head, `</first ${mark}>`],
    ...[`<last ${mark}>`, tail, `</last ${mark}>`],
  ].join('\n')
}

/** The same for the same text, so that the beginning of a request stays as it was. */
export function markOutside(text: string): string {
  for (let mark = digestOf(text); ; mark = digestOf(mark + text)) if (!text.includes(mark)) return mark
}

const digestOf = (text: string) => hash('sha256', text, 'hex').slice(0, 8)

const pagesIn = (whole: number) => Math.ceil(whole / PAGE)

/** A page of the instructions of a skill; the first one says where its files lie. */
export function skillPage({ body, folder }: Pick<Skill, 'body' | 'folder'>, page: number): string | undefined {
  const text = pageOf(body, page)
  if (page !== 1) return text
  const pages = pagesIn(body.length)
  const note = `The files of the skill lie in ${folder}. They can be read. Scripts among them run only in a sandbox.`
  const notes = [...(folder === undefined ? [] : [note]), ...(pages > 1 ? [`This is page 1 of ${pages}.`] : [])]
  return [...notes, ...(notes.length > 0 ? [''] : []), text ?? ''].join('\n')
}

/** A page of a text, counted from 1; undefined where there is none. All pages together are the text. */
export function pageOf(text: string, page: number): string | undefined {
  const shown = text.slice(wholeCharacters(text, (page - 1) * PAGE), wholeCharacters(text, page * PAGE))
  return shown === '' ? undefined : shown
}
