import { type RenderMachine, spendItems, spendSteps, spendText } from '../machine/machine.ts'
import { characterCount, charactersOf, sliceText } from '../values/characters.ts'

/** Each word with a capital first letter, as in `title`. */
export function titleCase(text: string): string {
  return text.replace(/[^-\s({[<]+/g, (word) => {
    const first = String.fromCodePoint(word.codePointAt(0)!)
    return first.toUpperCase() + word.slice(first.length).toLowerCase()
  })
}

/** The first letter in upper case, the others in lower case. */
export function capitalize(text: string): string {
  const first = text.codePointAt(0)
  if (first === undefined) return ''
  const letter = String.fromCodePoint(first)
  const [large = '', ...rest] = letter.toUpperCase()
  return large + (rest.join('') + text.slice(letter.length)).toLowerCase()
}

/** The text in lower case, with words joined by single hyphens and without other characters. */
export function slugify(text: string): string {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}_\s-]/gu, '')
  return plain.replace(/[-\s]+/g, '-').replace(/^-|-$/g, '')
}

/** The parts between separators, or the words without one. A non-negative `limit` bounds the number of cuts. */
export function splitText(
  text: string,
  separator: string | undefined,
  limit: number,
  machine: RenderMachine,
): readonly string[] {
  const most = machine.limits.items + 1
  const parts = separator ? splitAt(text, separator, limit, most) : splitWords(text, limit, most)
  spendItems(machine, parts.length)
  return parts
}

function splitAt(text: string, separator: string, limit: number, most: number): readonly string[] {
  if (limit < 0) return text.split(separator, most)
  const parts: string[] = []
  let from = 0
  for (
    let at = text.indexOf(separator);
    at >= 0 && parts.length < Math.min(limit, most);
    at = text.indexOf(separator, from)
  ) {
    parts.push(text.slice(from, at))
    from = at + separator.length
  }
  return [...parts, text.slice(from)]
}

function splitWords(text: string, limit: number, most: number): readonly string[] {
  if (limit < 0) return text.trim() === '' ? [] : text.trim().split(/\s+/, most)
  const words: string[] = []
  let rest = text.trimStart()
  for (let space = rest.search(/\s/); space >= 0 && words.length < Math.min(limit, most); space = rest.search(/\s/)) {
    words.push(rest.slice(0, space))
    rest = rest.slice(space).trimStart()
  }
  return rest === '' ? words : [...words, rest]
}

/** The text with `old` replaced; a non-negative `limit` bounds the number of replacements. */
export function replaceText(text: string, old: string, by: string, limit: number, machine: RenderMachine): string {
  if (old === '') return weave(charactersOf(text, machine), by, limit, machine)
  let count = 0
  let end = 0
  for (let at = text.indexOf(old); at >= 0 && count !== limit; at = text.indexOf(old, end)) {
    spendSteps(machine, 1 / 16)
    count++
    end = at + old.length
  }
  spendText(machine, text.length + count * (by.length - old.length))
  return text.slice(0, end).replaceAll(old, () => by) + text.slice(end)
}

/** Counts occurrences. The empty text occurs before, between and after all characters. */
export function countOccurrences(text: string, part: string, machine: RenderMachine): number {
  if (part === '') return characterCount(text, machine) + 1
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    spendSteps(machine, 1 / 16)
    count++
  }
  return count
}

/** Replaces the empty text, which occurs before, between and after all characters. */
function weave(characters: string | readonly string[], by: string, limit: number, machine: RenderMachine): string {
  const count = limit < 0 ? characters.length + 1 : Math.min(limit, characters.length + 1)
  spendSteps(machine, characters.length / 8)
  spendText(machine, characters.length + count * by.length)
  const woven = Array.from(characters, (letter, index) => (index < count ? by + letter : letter)).join('')
  return count > characters.length ? woven + by : woven
}

/** The text without these characters at its ends; by default without white space. */
export function stripCharacters(
  text: string,
  characters: string | undefined,
  sides: 'both' | 'left' | 'right',
): string {
  const dropped = new Set(characters)
  const drops = (letter: string) => (characters === undefined ? letter.trim() === '' : dropped.has(letter))
  let from = 0
  let to = text.length
  while (sides !== 'right' && from < to && drops(letterAt(text, from))) from += letterAt(text, from).length
  while (sides !== 'left' && to > from && drops(letterBefore(text, to))) to -= letterBefore(text, to).length
  return text.slice(from, to)
}

const letterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at)!)

function letterBefore(text: string, end: number): string {
  const pair = letterAt(text, Math.max(end - 2, 0))
  return pair.length === 2 && end >= 2 ? pair : text[end - 1]!
}

/** The text cut to `length` characters, including `end`. A text that is only slightly longer stays whole. */
export function truncateWithEnd(
  text: string,
  length: number,
  midWord: boolean,
  end: string,
  leeway: number,
  machine: RenderMachine,
): string {
  if (characterCount(text, machine) <= length + leeway) return text
  const beginning = sliceText(text, 0, Math.max(length - characterCount(end, machine), 0), machine)
  const space = midWord ? -1 : beginning.lastIndexOf(' ')
  return (space < 0 ? beginning : beginning.slice(0, space)) + end
}

/** The text padded to `width` characters. */
export function padText(
  text: string,
  width: number,
  align: 'left' | 'right' | 'center',
  fill: string,
  machine: RenderMachine,
): string {
  const gap = width - characterCount(text, machine)
  if (gap <= 0 || fill === '') return text
  spendText(machine, width * fill.length)
  const before = align === 'left' ? 0 : align === 'right' ? gap : Math.floor(gap / 2)
  return fill.repeat(before) + text + fill.repeat(gap - before)
}

/** The text centred in `width` characters. If that is not exact, it is one to the right for an odd `width`. */
export function centerText(text: string, width: number, fill: string, machine: RenderMachine): string {
  const length = characterCount(text, machine)
  const gap = width - length
  if (gap <= 0) return text
  const before = Math.floor(gap / 2) + (gap & width & 1)
  return padText(padText(text, length + before, 'right', fill, machine), width, 'left', fill, machine)
}

/** Indents all lines except the first. `first` indents the first one, too, and `blank` empty lines. */
export function indentLines(
  text: string,
  margin: string,
  first: boolean,
  blank: boolean,
  machine: RenderMachine,
): string {
  const lines = text.split('\n')
  spendText(machine, text.length + lines.length * margin.length)
  const moves = (line: string, index: number) => (index === 0 ? first : blank || line !== '')
  return lines.map((line, index) => (moves(line, index) ? margin + line : line)).join('\n')
}
