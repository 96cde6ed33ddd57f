import { escapeRegExp } from '../../src/model/text/strings.ts'

/**
 * Whether a text holds words: whole words, in this order, in any case. White space and marks of Markdown and tables
 * between them do not count, because an answer quotes without them.
 */
export function holdsWords(text: string, words: string): boolean {
  const wanted = plain(words)
  const before = /^[\p{L}\p{N}]/u.test(wanted) ? '(?<![\\p{L}\\p{N}])' : ''
  const after = /[\p{L}\p{N}]$/u.test(wanted) ? '(?![\\p{L}\\p{N}])' : ''
  return new RegExp(`${before}${escapeRegExp(wanted)}${after}`, 'iu').test(plain(text))
}

const plain = (text: string) => text.replace(/[\s*`|—]+/g, ' ').trim()

/** The numbers of an answer that stand nowhere in the texts. Ids of citations and places such as `queue.ts:12` are none. */
export function numbersNowhere(answer: string, texts: readonly string[]): readonly string[] {
  const known = texts.flatMap((text) => [text, withoutSeparators(text)])
  const stands = (number: string) => {
    const whole = new RegExp(`(?<!\\d|\\d[.:])${escapeRegExp(number)}(?!\\d|[.:]\\d)`)
    return known.some((text) => whole.test(text))
  }
  const numbers = answer.replace(PLACES, ' ').match(/\d+(?:[.,:]\d+)*/g) ?? []
  return numbers.filter((number) => !stands(number) && !stands(withoutSeparators(number)))
}

const PLACES = /<vid>.*?<\/vid>|\[\d+\]|\b[\w./-]+\.\w+:\d+(?:-\d+)?|\blines? \d+(?:(?:-| to )\d+)?|^\s*\d+\. /gim

/** Separators of thousands are left out. */
const withoutSeparators = (text: string) => text.replace(/(?<=\d)[.,](?=\d{3}(?!\d))/g, '')
