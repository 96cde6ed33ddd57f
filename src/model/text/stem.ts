import { baseOf } from './irregular-verbs.ts'

type Rule = readonly [ending: RegExp, replacement: string]

const PLURAL: readonly Rule[] = [
  [/['’]s$/, ''],
  [/(ss|sh|ch|x|z)es$/, '$1'],
  [/ies$/, 'y'],
  [/([^su])s$/, '$1'],
]
/** British spellings made American. */
const SPELLING: readonly Rule[] = [
  [/(.{3})our$/, '$1or'],
  [/(lic|def|off|pret)ence$/, '$1ense'],
  [/^(.{3,}[iy])s(e|ation)?$/, '$1z$2'],
]
const DERIVATION: readonly Rule[] = [
  [/(.{4})(?:ational|ation|ator|ate)$/, '$1'],
  [/(?:ational|ation|ator)$/, 'ate'],
  [/(.{4})(?:ment|ness|able|ible|ance|ence|ful|ive|ous|ly)$/, '$1'],
]
const PARTICIPLE = /^([^aeiouy]*[aeiouy].*)(?:ingly|edly|ing|ed)$/
/** What lost an e to its ending: creat-ing, fil-ing, us-ing. */
const LACKS_E = /(?:[^e]at|bl|iz)$|^(?:[^aeiou]?[aeiou][^aeiouwxy])$/

/** The stem of a lower-case English word, so that forms of one word compare equal; other languages come back nearly as they are. */
export function stem(word: string): string {
  const known = baseOf(word)
  if (known.length < 4 || /\d/.test(known)) return known
  const base = applyFirst(SPELLING, dropParticiple(applyFirst(PLURAL, known)))
  return dropVowel(applyFirst(DERIVATION, base))
}

function applyFirst(rules: readonly Rule[], word: string): string {
  const rule = rules.find(([ending]) => ending.test(word))
  return rule ? word.replace(rule[0], rule[1]) : word
}

function dropParticiple(word: string): string {
  const base = PARTICIPLE.exec(word)?.[1] ?? ''
  if (LACKS_E.test(base)) return `${base}e`
  if (base.length < 3) return word
  return base.length > 3 && /([^aeiouylsz])\1$/.test(base) ? base.slice(0, -1) : base
}

function dropVowel(word: string): string {
  return word.length > 4 ? word.replace(/e$/, '').replace(/y$/, 'i') : word
}
