type Rule = readonly [ending: RegExp, replacement: string]

const SPELLING: readonly Rule[] = [
  [/(.{3})our$/, '$1or'],
  [/(lic|def|off|pret)ence$/, '$1ense'],
  [/([iy])s(e|ed|es|ing|ation)$/, '$1z$2'],
]
const PLURAL: readonly Rule[] = [
  [/['’]s$/, ''],
  [/(ss|sh|ch|x|z)es$/, '$1'],
  [/ies$/, 'y'],
  [/([^su])s$/, '$1'],
]
const DERIVATION: readonly Rule[] = [
  [/(.{3})(?:ational|ation|ator)$/, '$1ate'],
  [/(.{4})(?:ment|ness|able|ible|ance|ence|ful|ive|ous|ly)$/, '$1'],
]
const PARTICIPLE = /^(.*[aeiouy].*)(?:ingly|edly|ing|ed)$/

/** The stem of a lower-case English word, so that forms of one word compare equal; other languages come back nearly as they are. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word
  const base = dropParticiple(applyFirst(PLURAL, applyFirst(SPELLING, word)))
  return dropVowel(applyFirst(DERIVATION, base))
}

function applyFirst(rules: readonly Rule[], word: string): string {
  const rule = rules.find(([ending]) => ending.test(word))
  return rule ? word.replace(rule[0], rule[1]) : word
}

function dropParticiple(word: string): string {
  const base = PARTICIPLE.exec(word)?.[1]
  if (base === undefined || base.length < 3) return word
  if (/(?:at|bl|iz)$/.test(base)) return `${base}e`
  return /([^aeiouylsz])\1$/.test(base) ? base.slice(0, -1) : base
}

function dropVowel(word: string): string {
  return word.length > 4 ? word.replace(/e$/, '').replace(/y$/, 'i') : word
}
