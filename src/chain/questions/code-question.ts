/** A question that the facts about a code answer. `name`: the definition, module or error that it is about. */
export type CodeQuestion = {
  readonly asks: 'definition' | 'callers' | 'callees' | 'throws' | 'throwers' | 'exports' | 'imports' | 'members'
  readonly name?: string
  /** the definition or file that it is in */
  readonly within?: string
  /** kinds of definitions; empty: any */
  readonly kinds: readonly string[]
}

const KIND =
  'functions?|methods?|class(?:es)?|interfaces?|structs?|enums?|traits?|types?|modules?|macros?|constants?|variables?|symbols?|errors?|exceptions?|files?'
const NAME = '`?([\\p{L}_$][\\p{L}\\p{N}_$]*(?:(?:\\.|::|#|->|-|/)[\\p{L}_$~][\\p{L}\\p{N}_$]*)*)`?(?:\\(\\))?'
const THE = `(?:the )?(?:(?:${KIND}) )?(?:called |named )?`
/** A name, optionally with its container: `get of the class Store`. */
const ONE = `${THE}${NAME}(?: (?:of|in|on) ${THE}${NAME})?`
const DEFINED = '(?:defined|declared|implemented|located|written|introduced)'
const FAILURES = '(?:errors?|exceptions?|failures?|panics?)'
const FAILED = '(?:thrown|raised|returned|produced)'
const MAY = '(?:does|do|can|could|may|might|will|would)'
const BY = '(?:by|in|from|inside|into|of)'
const WHICH = '\\b(?:what|which)\\b'

/** The first form that fits says what is asked. A name that no code has makes it an ordinary question. */
const FORMS: readonly (readonly [asks: CodeQuestion['asks'], form: string])[] = [
  ['imports', `${WHICH}.*?\\b${MAY} ${ONE} import\\b`],
  ['imports', `${WHICH}.*?\\bimported ${BY} ${ONE}`],
  ['exports', `${WHICH}.*?\\b${MAY} ${ONE} (?:export|expose)\\b`],
  ['exports', `\\b(?:what|which|list|name|show)\\b.*?\\b(?:exports?|exported|public)\\b(?: ${BY} ${ONE})?`],
  ['members', `${WHICH} (?:${KIND}) ${MAY} ${ONE} (?:define|declare|have|contain|hold)\\b`],
  ['members', `${WHICH} (?:${KIND}) (?:is|are|stand) (?:defined |declared )?(?:in|on) ${ONE}`],
  ['callees', `${WHICH}.*?\\b${MAY} ${ONE} (?:call|invoke)\\b`],
  ['callees', `${WHICH}.*? (?:is|are) (?:called|invoked) ${BY} ${ONE}`],
  ['callers', `\\b(?:where|when|by (?:whom|what|which \\w+)) (?:is|are|gets?) ${ONE} (?:called|invoked|used)\\b`],
  ['callers', `\\b(?:who|what|which)\\b(?: \\S+){0,3} (?:calls?|invokes?|uses?) ${ONE}`],
  ['callers', `\\bcallers? (?:of|for) ${ONE}`],
  ['throws', `\\b(?:what|which|when|why)\\b.*?\\b${MAY} ${ONE} (?:throw|raise|panic|fail)\\b`],
  ['throws', `\\b${FAILURES}\\b.*?\\b${MAY} ${ONE} (?:return|give|produce)\\b`],
  ['throws', `(?:\\b${FAILURES}\\b.*?|${WHICH}.*?) ${FAILED} ${BY} ${ONE}`],
  ['throws', `\\b${FAILURES} ${BY} ${ONE}`],
  ['throwers', `\\b(?:where|when|by (?:whom|what|which \\w+)) (?:is|are) ${ONE} ${FAILED}\\b`],
  ['throwers', `\\b(?:who|what|which)\\b(?: \\S+){0,3} (?:throws?|raises?|returns?) (?:an? )?${ONE}`],
  ['definition', `\\bwhere\\b.*? ${ONE} (?:is |are )?${DEFINED}\\b`],
  [
    'definition',
    `\\b(?:which|what) (?:file|line|module|place)\\b.*?\\b(?:is|are|defines|declares|implements|has|holds) ${ONE}`,
  ],
  ['definition', `\\b(?:definition|declaration|implementation) of ${ONE}`],
  ['definition', `^where (?:is|are|(?:can|do) i find|does one find) ${ONE}\\W*$`],
]

/** Compiled with the first question. */
let compiled: readonly (readonly [asks: CodeQuestion['asks'], form: RegExp])[] | undefined

/** A placeholder for a name that the question does not contain. */
const PRONOUN = /^(?:it|they|them)$/i

/** The question about code that a text asks, if it has one of the known forms. */
export function readCodeQuestion(question: string): CodeQuestion | undefined {
  compiled ??= FORMS.map(([asks, form]) => [asks, new RegExp(form, 'iu')] as const)
  for (const [asks, form] of compiled) {
    const found = form.exec(question.trim())
    if (!found) continue
    const [, name, within] = found
    if (name !== undefined && PRONOUN.test(name)) continue
    const kinds = asks === 'exports' || asks === 'members' ? kindsIn(question) : []
    return { asks, ...(name !== undefined && { name }), ...(within !== undefined && { within }), kinds }
  }
  return undefined
}

const kindsIn = (question: string): readonly string[] =>
  question
    .toLowerCase()
    .match(/\b(?:function|method|class|interface|struct|enum|trait|type|macro|constant|variable)(?=(?:e?s)?\b)/g) ?? []
