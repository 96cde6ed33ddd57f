/** The words of a licence text without what differs from one holder to the next; `lines[i]` is the line (from 1) of `words[i]`. */
export type Words = { readonly words: readonly string[]; readonly lines: readonly number[] }

/** The words that matter when two licence texts are compared: no case, punctuation, wraps, titles, copyright lines or holders. */
export function wordsOf(text: string): Words {
  const lines = text.split(LINE_END)
  const body = withoutTitle(lines)
  const kept = readLines(body.some((line) => line !== '') ? body : lines)
  return withoutHolders(kept)
}

/** Every word of a text as it stands, titles and copyright lines too. */
export function allWordsOf(text: string): Words {
  return readLines(text.split(LINE_END))
}

const LINE_END = /\r\n|\r|\n/
const COPYRIGHT = /^\W*(?:portions\W+)?(?:copyright\b|\(c\)|©).*(?:\d{4}|\(c\)|©|[<[{]|\byear\b|\byyyy\b)/i
const RESERVED = /^\W*all rights reserved\W*$/i
const LIST_MARK = /^[\s>*/#;-]*(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s/i
const LONGEST_TITLE = 10
const LONGEST_COPYRIGHT = 30

function withoutTitle(lines: readonly string[]): readonly string[] {
  const kept = lines.map((line) => (isCopyright(line) ? '' : line))
  const isTitle = (line: string) => wordsIn(line).length <= LONGEST_TITLE && /licen[cs]e/i.test(line)
  for (let at = 0; at < kept.length && (wordsIn(kept[at]!).length === 0 || isTitle(kept[at]!)); at++) kept[at] = ''
  return kept
}

// A text that is not wrapped may have copyright and terms on one line: only short lines are dropped.
function isCopyright(line: string): boolean {
  return RESERVED.test(line) || (COPYRIGHT.test(line) && wordsIn(line).length <= LONGEST_COPYRIGHT)
}

function readLines(texts: readonly string[]): { words: string[]; lines: number[] } {
  const words: string[] = []
  const lines: number[] = []
  texts.forEach((text, index) => {
    for (const word of wordsIn(text.replace(LIST_MARK, ''))) {
      words.push(word)
      lines.push(index + 1)
    }
  })
  return { words, lines }
}

const NONE: readonly string[] = []

function wordsIn(line: string): readonly string[] {
  return line === ''
    ? NONE
    : (line
        .toLowerCase()
        .replaceAll('licence', 'license')
        .match(/[\p{L}\p{N}]+/gu) ?? NONE)
}

// Where the standard texts name the holder inside a sentence; what lies between is replaceable by the SPDX matching rules.
const HOLDERS: readonly { readonly open: string; readonly close: string }[] = [
  { open: 'neither the name of', close: 'nor' },
  { open: 'neither the names of', close: 'nor' },
  { open: 'in no event shall', close: 'be liable' },
  { open: 'software is provided by', close: 'as is' },
  { open: 'provided as is and', close: 'all warranties' },
]
const LONGEST_HOLDER = 16
const RULES = HOLDERS.map(({ open, close }) => ({ open: open.split(' '), close: close.split(' ') }))

function withoutHolders(text: { words: string[]; lines: number[] }): Words {
  const words: string[] = []
  const lines: number[] = []
  for (let at = 0; at < text.words.length; at++) {
    words.push(text.words[at]!)
    lines.push(text.lines[at]!)
    at += holderAfter(text.words, at)
  }
  return { words, lines }
}

/** How many words after `at` name a holder. */
function holderAfter(words: readonly string[], at: number): number {
  for (const { open, close } of RULES) {
    if (words[at] !== open.at(-1) || !endsAt(words, at, open)) continue
    for (let end = at + 1; end <= at + LONGEST_HOLDER; end++) {
      if (words[end] === close[0] && endsAt(words, end + close.length - 1, close)) return end - at - 1
    }
  }
  return 0
}

function endsAt(words: readonly string[], last: number, phrase: readonly string[]): boolean {
  return phrase.every((word, index) => words[last - phrase.length + 1 + index] === word)
}
