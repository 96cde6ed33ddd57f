import { createRequire } from 'node:module'
import { isSuperlinear } from './growth.ts'
import type { Expression } from './regexes.ts'

// the build of pure JavaScript: the others start a program
const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as typeof import('recheck')

/** Judges an expression by its automaton, without running it. */
export function verdictOn({ source, flags }: Expression, timeoutMs: number): 'linear' | 'slow' | 'unknown' {
  if (isBounded(source)) return 'linear'
  try {
    const { status } = checkSync(source, flags, { checker: 'automaton', timeout: timeoutMs })
    return status === 'safe' ? 'linear' : status === 'vulnerable' ? 'slow' : 'unknown'
  } catch {
    // the judge has no room for long counts
    return 'unknown'
  }
}

/** Without a repetition that has no limit, each place of a text is looked at a limited number of times. */
const isBounded = (source: string) =>
  !/[*+]|\{\d+,(?!\d)|\{\d{3,}\}|,\d{3,}\}/.test(source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, ' '))

/** The first unit whose repetition takes an expression more than linear time; undefined: there is none. */
export function slowUnit({ source, flags }: Expression): string | undefined {
  const regex = new RegExp(source, flags)
  const words = wordsIn(source)
  const starts = ['', words[0]?.[0] ?? '', words.map(([word]) => word).join('')]
  return unitsOf(words).find((unit) =>
    starts.some((start) =>
      ['', '\u0001'].some((end) =>
        isSuperlinear(
          (text) => look(regex, text),
          (size) => start + unit.repeat(size / unit.length) + end,
        ),
      ),
    ),
  )
}

function look(regex: RegExp, text: string): void {
  regex.lastIndex = 0
  if (regex.global) for (const _ of text.matchAll(regex));
  else regex.exec(text)
}

/** The texts between the repetitions of an expression, with one character of each class. */
function wordsIn(source: string): readonly Pair[] {
  const plain = source
    .replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(')
    .replace(/\[\^(?:\\.|[^\]\\])*\]/g, 'x')
    .replace(/\[(\\?.)(?:\\.|[^\]\\])*\]/g, '$1')
    .replace(/\\[pP]\{\w+\}|\\[wS]|\\k<\w+>|\.(?![*+?{])/g, 'x')
    .replace(/\\s/g, ' ')
    .replace(/\\d/g, '0')
    .replace(/\\n/g, '\n')
    .replace(/\\[rtbBD1-9]|\\u\{?\w{4}\}?/g, '')
  const words = plain.split(/(\\?.(?:[*+]|\{\d+,\d*\})\??|(?<!\\)[()|^$?])/s)
  const isRepeated = (at: number) => /[*+}]\??$/.test(words[at + 1] ?? '') || words[at + 1] === '('
  // a text before a repetition begins what is looked at again
  const order = words.flatMap((_, at) => (at % 2 === 0 ? [at] : [])).sort((a, b) => +isRepeated(b) - +isRepeated(a))
  const texts = order.map((at) => [plainOf(words[at]!), plainOf(words[at + 2] ?? '')] as const)
  return texts.filter(([word]) => word !== '')
}

const plainOf = (word: string) => word.replaceAll('\\', '')

/** A text between repetitions, and the next one. */
type Pair = readonly [word: string, next: string]

/** The expression's own words matter most: alone, with a space, and with the word behind them. */
const UNITS = 60
const OWN = 36
const SIGNS = [
  ' ',
  '\n',
  '\t',
  '\r\n',
  ' \n',
  '\n\n',
  '.',
  ',',
  ':',
  '-',
  '_',
  '/',
  '"',
  "'",
  '`',
  '<',
  '(',
  '[',
  '{',
  '*',
  '=',
]
const MIXED = ['a', 'A', '0', 'é', '\u00a0', ' a', 'a ', '0,', 'a.', 'a-', '"a', 'a=', '<a ', 'a: ', '. ']

function unitsOf(words: readonly Pair[]): readonly string[] {
  const own = words.flatMap(([word, next]) => [word, `${word} `, word + next, `${word}${next} `])
  return [...new Set([...own.slice(0, OWN), ...SIGNS, ...MIXED, ...own])].slice(0, UNITS)
}
