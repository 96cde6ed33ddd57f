import { withoutHidden } from '../../lib/unseen.ts'

const ASCII = /^\p{ASCII}*$/u

/** Letters with a spelling of their own, which no Unicode form has. */
const SPELLED: ReadonlyMap<string, string> = new Map(
  'ä ae; ö oe; ü ue; ß ss; æ ae; œ oe; ø oe; å aa; ł l; đ d; ð d; þ th; ı i; ħ h; ŧ t; ё е; ς σ; ٱ ا; ى ي; ی ي; ې ي; ک ك; ة ه; ە ه; ـ '
    .split('; ')
    .map((pair) => pair.split(' ') as [string, string]),
)
const LETTERS = new RegExp(`[${[...SPELLED.keys()].join('')}]`, 'g')
/** Accents, vowel signs and hamzas of scripts whose words are often written without them. */
const ACCENTS = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}])\p{M}+/gu
const DIGITS = /[٠-٩۰-۹]/g

/**
 * A lower-case word in the form in which words are compared: `straße` is `strasse`, `Ärger` is `aerger`, `café` is
 * `cafe`, a ligature its letters, and an Arabic letter has one form.
 */
export function foldWord(word: string): string {
  if (ASCII.test(word)) return word
  return withoutHidden(word)
    .replace(LETTERS, spelled)
    .normalize('NFKD')
    .replace(ACCENTS, '$1')
    .replace(LETTERS, spelled)
    .replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 15))
    .normalize()
    .toLowerCase()
}

const spelled = (letter: string) => SPELLED.get(letter)!
