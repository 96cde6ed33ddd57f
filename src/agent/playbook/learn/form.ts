import { hash } from 'node:crypto'
import { type GoalValue, QUOTES, withoutMarks } from './goal-values.ts'

/**
 * The form of a goal: its text with a hole for each input. Two goals
 * have the same form when only the values in the holes differ.
 */
export type Form = readonly (string | Hole)[]

/**
 * The place of an input in the text of a goal, and the values that
 * fit in: those that look like the one that stood there.
 */
type Hole = { readonly input: string; readonly shape: Shape; readonly extension?: string } & (
  | { readonly kind: 'word' | 'line' }
  | { readonly kind: 'quoted'; readonly close: string }
)

type Shape = 'number' | 'word' | 'name' | 'text'

/** The values of a goal by the names of inputs. */
export type FormInputs = { readonly [input: string]: string }

/** Values that have become inputs, and their names. They do not overlap. */
export type NamedValue = GoalValue & { readonly input: string }

/** The form of a goal whose values have become inputs. Pure. */
export function formOf(goal: string, values: readonly NamedValue[]): Form {
  const text = goal.trimEnd()
  const form: (string | Hole)[] = []
  let at = goal.length - goal.trimStart().length
  for (const value of values.toSorted((one, other) => one.start - other.start)) {
    form.push(text.slice(at, value.start), holeOf(goal, value))
    at = value.end
  }
  return [...form, text.slice(at)].filter((piece) => piece !== '')
}

function holeOf(goal: string, { kind, input, text, start }: NamedValue): Hole {
  const extension = extensionOf(text)
  const fields = { input, shape: shapeOf(text), ...(extension !== undefined && { extension }) }
  return kind === 'quoted' ? { ...fields, kind, close: QUOTES[goal[start - 1]!]! } : { ...fields, kind }
}

/**
 * The values of the inputs when a goal has the form; undefined when it has another
 * one. Reads the goal once, from left to right: a word ends at white space, a
 * quoted text at its mark and the value of a line at its end. Pure, in linear time.
 */
export function matchForm(form: Form, goal: string): FormInputs | undefined {
  const text = goal.trim()
  const inputs: { [input: string]: string } = {}
  let at = 0
  for (const [place, piece] of form.entries()) {
    if (typeof piece === 'string') {
      if (!text.startsWith(piece, at)) return undefined
      at += piece.length
      continue
    }
    const value = valueAt(text, at, piece, form[place + 1])
    if (value === undefined || !fits(value, piece) || (inputs[piece.input] ?? value) !== value) return undefined
    inputs[piece.input] = value
    at += value.length
  }
  return at === text.length ? inputs : undefined
}

function valueAt(text: string, at: number, hole: Hole, next: Form[number] | undefined): string | undefined {
  if (hole.kind === 'quoted') {
    const end = text.indexOf(hole.close, at)
    return end < 0 ? undefined : text.slice(at, end)
  }
  if (hole.kind === 'line') {
    const end = text.indexOf('\n', at)
    return text.slice(at, end < 0 ? text.length : end).trimEnd()
  }
  const [run] = /^\S*/.exec(text.slice(at))!
  // the marks behind the word belong to the form
  const [marks] = typeof next === 'string' ? /^\S*/.exec(next)! : ['']
  return run.endsWith(marks) ? run.slice(0, run.length - marks.length) : undefined
}

function fits(value: string, { kind, shape, extension }: Hole): boolean {
  if (value === '' || value.trim() !== value || value.includes('\n')) return false
  if (extension !== extensionOf(value)) return false
  const found = shapeOf(value)
  if (kind !== 'word') return (shape === 'number') === (found === 'number')
  return shape === found && withoutMarks(value).text === value
}

function shapeOf(text: string): Shape {
  if (/^-?\d+(\.\d+)?$/.test(text)) return 'number'
  if (/\s/.test(text)) return 'text'
  return /^[\p{L}\p{M}'’-]+$/u.test(text) ? 'word' : 'name'
}

/** The ending of a file's name, in lower case: another ending mostly needs other calls. */
function extensionOf(text: string): string | undefined {
  return /\.([A-Za-z][A-Za-z0-9]{0,7})$/.exec(text)?.[1]?.toLowerCase()
}

/** A short digest of the form, whatever its inputs are called. */
export function digestOfForm(form: Form): string {
  const pieces = form.map((piece) => (typeof piece === 'string' ? piece : { ...piece, input: '' }))
  return hash('sha256', JSON.stringify(pieces)).slice(0, 8)
}

/** The form as people read it: `Copy {path} to {destination}`. */
export function formText(form: Form): string {
  return form.map((piece) => (typeof piece === 'string' ? piece : `{${piece.input}}`)).join('')
}

/** Characters of a form that are not replaced: of several forms that match, the one with most of them counts. */
export function fixedCharacters(form: Form): number {
  return form.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 0), 0)
}
