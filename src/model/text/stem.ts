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
/** Stems that lost an e to their ending: creat-ing, fil-ing, us-ing. */
const LACKS_E = /(?:[^e]at|bl|iz)$|^(?:[^aeiou]?[aeiou][^aeiouwxy])$/

/** The stem of a lower-case English word, so that its forms compare equal; words of other languages hardly change. */
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

const dropVowel = (word: string): string => (word.length > 4 ? word.replace(/e$/, '').replace(/y$/, 'i') : word)

const FORMS =
  'be been was were; become became; begin began begun; bend bent; bite bitten; bleed bled; blow blew blown; break broke broken; ' +
  'breed bred; bring brought; build built; burn burnt; buy bought; catch caught; choose chose chosen; come came; creep crept; deal dealt; ' +
  'dig dug; do did done; draw drew drawn; dream dreamt; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed; ' +
  'feel felt; fight fought; find found; flee fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten; forgive forgave forgiven; ' +
  'freeze froze frozen; give gave given; go goes went gone; grow grew grown; hang hung; have had; hear heard; hide hid hidden; hold held; ' +
  'keep kept; know knew known; lay laid; lend lent; lie lies lain lying; light lit; lose lost; make made; mean meant; meet met; ' +
  'pay paid; prove proven; ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen; seek sought; sell sold; ' +
  'send sent; shake shook shaken; shine shone; shoot shot; show shown; shrink shrank shrunk; sing sang sung; sink sank sunk; ' +
  'sit sat; sleep slept; slide slid; speak spoke spoken; spend spent; spin spun; stand stood; steal stole stolen; stick stuck; ' +
  'sting stung; strike struck; swear swore sworn; sweep swept; swim swam swum; swing swung; take took taken; teach taught; tear tore torn; ' +
  'tell told; think thought; throw threw thrown; understand understood; wake woke woken; wear wore worn; weep wept; win won; ' +
  'write wrote written; die died dies dying; tie tied ties tying; child children; foot feet; goose geese; man men; mouse mice; person people; ' +
  'tooth teeth; woman women; half halves; knife knives; shelf shelves; thief thieves; wolf wolves; ' +
  'analysis analyses; basis bases; crisis crises; bus buses; size sizes'

const BASES: ReadonlyMap<string, string> = new Map(
  FORMS.split('; ').flatMap((forms) => {
    const [base = '', ...others] = forms.split(' ')
    return others.map((form) => [form, base] as const)
  }),
)

/** The base of a verb or noun whose forms follow no rule, else the word itself. */
const baseOf = (word: string): string => BASES.get(word) ?? word
