import type { Skill } from '../definition/definition.ts'
import type { CallOutput, CallStatus } from '../goal/state.ts'

/** Characters of a result that the model sees whole. */
const MAX_SHOWN = 8 * 1024

/** The shares of a shortened text that are its beginning and its end. */
const HEAD = 5 / 8
const TAIL = 2 / 8

/** Characters of a page of `read_result`. */
const PAGE = 8 * 1024

/** The form of a result that the model sees. A long one is its beginning, its end and a handle for `read_result`. Pure. */
export function shortenResult(outcome: CallStatus, text: string, handle: string): CallOutput {
  if (text.length <= MAX_SHOWN) return { outcome, output: text }
  return { outcome, output: headAndTail(text, MAX_SHOWN, longNote(text.length, handle)), characters: text.length }
}

/**
 * A result that was recorded, with a beginning and an end of about `most` characters together. Without a handle the goal answered the call
 * itself, and the same call gives the same text. Pure.
 */
export function shortenFurther(
  { outcome, output, characters }: CallOutput,
  most: number,
  handle: string | undefined,
): CallOutput {
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  if (text.length <= most + NOTE) return { outcome, output, ...(characters !== undefined && { characters }) }
  const whole = characters ?? text.length
  return { outcome, output: headAndTail(text, most, shortNote(whole, most, handle)), characters: whole }
}

/** Characters of the short note about the part that is left out. */
const NOTE = 80

function headAndTail(text: string, most: number, note: string): string {
  return `${text.slice(0, most * HEAD)}\n${note}\n${text.slice(-most * TAIL)}`
}

const leftOut = (whole: number, most: number) => whole - most * (HEAD + TAIL)
const pagesIn = (whole: number) => Math.ceil(whole / PAGE)

function longNote(whole: number, handle: string): string {
  const left = leftOut(whole, MAX_SHOWN)
  return `… ${left} characters are left out here. read_result shows them: handle ${handle}, pages 1 to ${pagesIn(whole)}. …`
}

function shortNote(whole: number, most: number, handle: string | undefined): string {
  const source = handle === undefined ? 'call again' : `read_result ${handle}, pages 1 to ${pagesIn(whole)}`
  return `… ${leftOut(whole, most)} characters left out: ${source} …`
}

/** A page of the instructions of a skill; the first one says where its files lie. */
export function skillPage({ body, folder }: Pick<Skill, 'body' | 'folder'>, page: number): string | undefined {
  const text = pageOf(body, page)
  if (page !== 1) return text
  const pages = pagesIn(body.length)
  const note = `The files of the skill lie in ${folder}. They can be read. Scripts among them run only in a sandbox.`
  return [note, ...(pages > 1 ? [`This is page 1 of ${pages}.`] : []), '', text ?? ''].join('\n')
}

/** A page of a text, counted from 1; undefined where there is none. */
export function pageOf(text: string, page: number): string | undefined {
  const shown = text.slice((page - 1) * PAGE, page * PAGE)
  return shown === '' ? undefined : shown
}
