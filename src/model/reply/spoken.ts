/**
 * Takes thoughts between tags (`<think>…</think>`) out of a text, as it comes. A thought begins where a line begins,
 * outside of code. A template may have opened it already, so a tag that only closes ends one, too.
 */
interface SpokenText {
  /** More of the text. The answer in it; `isAgain`: all of the answer so far was a thought. */
  push(text: string): { readonly text: string; readonly isAgain: boolean }
  /** The rest of the answer. */
  end(): string
}

const NAMES = '(?:think|thinking|thought|reasoning)'
const TAG = new RegExp(`<(/?)${NAMES}>`, 'i')
const CLOSE = new RegExp(`</${NAMES}>`, 'i')
/** Characters of a closing tag that is not complete. */
const MAX_BEGUN = '</reasoning'.length
/** A tag that may not be complete yet. */
const BEGUN = /<\/?[a-z]{0,9}$/i

export function createSpokenText(): SpokenText {
  let answer = ''
  let rest = ''
  /** the tag that opened the thought; undefined: the text is no thought */
  let opened: string | undefined
  // a long thought is searched once, and not from its beginning with each piece
  const thought: string[] = []
  let hasThought = false
  const say = (text: string) => {
    const said = hasThought && answer === '' ? text.trimStart() : text
    answer += said
    return said
  }
  const step = (): { readonly said: string; readonly isAgain?: true } | undefined => {
    const found = (opened === undefined ? TAG : CLOSE).exec(rest)
    if (!found && opened !== undefined) {
      const at = Math.max(0, rest.length - MAX_BEGUN)
      thought.push(rest.slice(0, at))
      rest = rest.slice(at)
    }
    if (!found) return undefined
    const before = rest.slice(0, found.index)
    const after = rest.slice(found.index + found[0].length)
    if (opened !== undefined) {
      ;[rest, opened] = [after, undefined]
      thought.length = 0
      return { said: '' }
    }
    const isClose = found[1] === '/'
    const whole = answer + before
    if (isClose ? hasThought || isData(whole) || isCode(whole) : isCode(whole) || !/(?:^|\n)[^\S\n]*$/.test(whole)) {
      rest = after
      return { said: say(before + found[0]) }
    }
    hasThought = true
    rest = after
    if (isClose) {
      answer = ''
      return { said: '', isAgain: true }
    }
    opened = found[0]
    return { said: say(before) }
  }
  return {
    push(text) {
      rest += text
      let [said, isAgain] = ['', false]
      for (let next = step(); next; next = step()) {
        if (next.isAgain) [said, isAgain] = ['', true]
        said += next.said
      }
      if (opened !== undefined) return { text: said, isAgain }
      // a space at the beginning may stand before a tag
      const begun = BEGUN.exec(rest)?.index ?? rest.length
      const at = answer === '' && rest.slice(0, begun).trim() === '' ? 0 : begun
      said += say(rest.slice(0, at))
      rest = rest.slice(at)
      return { text: said, isAgain }
    },
    end() {
      // a thought without an end is one only where the text begins with it
      if (opened !== undefined && answer === '') return ''
      return say(`${opened ?? ''}${thought.join('')}${rest}`)
    },
  }
}

/** The answer in a whole text. */
export function spokenOf(text: string): string {
  if (!TAG.test(text)) return text
  const spoken = createSpokenText()
  const { text: said } = spoken.push(text)
  return said + spoken.end()
}

const isData = (text: string) => /^\s*[[{]/.test(text)

/** Whether a text ends within code: a fence or a line has been opened and not closed. */
function isCode(text: string): boolean {
  const fences = text.match(/^[ \t]*```/gm) ?? []
  const line = text.slice(text.lastIndexOf('\n') + 1)
  return fences.length % 2 === 1 || (line.match(/`/g) ?? []).length % 2 === 1
}
