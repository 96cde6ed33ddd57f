import { escapeRegExp } from '../../src/model/text/strings.ts'

/** Whether a text holds words: whole words, in this order, in any case, with any white space between them. */
export function holdsWords(text: string, words: string): boolean {
  const [first, last] = [/^[\p{L}\p{N}]/u.test(words), /[\p{L}\p{N}]$/u.test(words)]
  const body = words.trim().split(/\s+/).map(escapeRegExp).join('\\s+')
  const source = `${first ? '(?<![\\p{L}\\p{N}])' : ''}${body}${last ? '(?![\\p{L}\\p{N}])' : ''}`
  return new RegExp(source, 'iu').test(text)
}
