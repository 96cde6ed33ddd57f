import { withoutEnd } from '../../../lib/text/without-end.ts'
import { escapeRegExp } from '../../text/strings.ts'
import { termsOf } from '../../text/terms.ts'

/** A question that asks for a definition: its subject, and whether a person or body is asked for. */
export type DefinitionQuestion = {
  readonly subject: string
  readonly isWho: boolean
  /** `What is the X?` may also ask for a value, which no defining sentence gives */
  readonly isStrict: boolean
}

const FORMS: readonly RegExp[] = [
  /^(?<who>who|what) (?:is|are|was|were|exactly is) (?:(?<article>the|an?|our|your|its|their) )?(?<subject>.+)$/i,
  /^what (?:does|do|did) (?:(?<article>the|an?) )?(?<subject>.+) mean$/i,
  /^what does it mean to (?<subject>.+)$/i,
  /^(?:define|what is meant by) (?:(?<article>the|an?) )?(?<subject>.+)$/i,
  /^(?<who>wer|was) (?:ist|sind|war|waren) (?:(?<article>der|die|das|ein|eine|unser|unsere|euer|ihr|ihre) )?(?<subject>.+)$/i,
  /^was (?:bedeutet|heißt) (?:(?<article>der|die|das|ein|eine) )?(?<subject>.+)$/i,
]
/** The articles of a thing that is known, such as `the price`. */
const KNOWN = /^(?:the|our|your|its|their|der|die|das|unsere?|euer|ihre?)$/i
/** A longer subject, or one with such a word, asks for a fact about a thing. */
const MAX_SUBJECT_WORDS = 4
const NO_SUBJECT =
  /\b(?:of|in|on|at|to|for|by|from|with|about|that|which|who|when|if|and|or|than|called|doing|like|there|it|this|von|für|mit|im|auf|bei|und|oder|aus|es)\b/i

const QUOTES = /["“”‘`]|(?<!\p{L})['’]|['’](?!\p{L})/gu

/** Reads a definition question; undefined for any other. */
export function readDefinitionQuestion(question: string): DefinitionQuestion | undefined {
  const asked = withoutEnd(question.trim(), /[?.!\s]/)
  for (const form of FORMS) {
    const { who, article, subject = '' } = form.exec(asked)?.groups ?? {}
    const bare = subject.replace(QUOTES, '')
    if (bare === '' || NO_SUBJECT.test(bare) || bare.split(/\s+/).length > MAX_SUBJECT_WORDS) continue
    const isWho = /^(?:who|wer)$/i.test(who ?? '')
    return { subject: bare, isWho, isStrict: isWho || !KNOWN.test(article ?? '') }
  }
  return undefined
}

/** Verbs of sentences that state a purpose. */
const DOES = '(?:turns|converts|provides|offers|helps|lets|allows|enables|measures|manages) \\S'

/** How well a sentence defines the subject: 2 says what or who it is, 1 says something in that form, 0 mentions it. */
export function definitionGrade(text: string, { subject, isWho }: DefinitionQuestion): 0 | 1 | 2 {
  const terms = new Set(termsOf(text))
  if (!termsOf(subject).every((term) => terms.has(term))) return 0
  // the text may have only one of the words in quotes
  const name = subject.split(/\s+/).map(escapeRegExp).join(`["'”’]*\\s+["'“‘]*`)
  const one = `["'“‘\`*]*${name}(?:e?s)?["'”’\`*]*(?: ?\\([^)]{1,80}\\))?`
  const begins = `^(?:[^,.;:]{1,60}[,:] )?(?:(?:the|an?|to|any|our|each|every|der|die|das|eine?) )?(?:(?:term|word|begriff|export|const|let|var) )*${one}`
  const says = (pattern: string) => new RegExp(pattern, 'iu').test(text)
  if (isWho) {
    // the capital shows that a word is a name, so only the subject may have either case
    const named = new RegExp(
      `(?!(?:The|An?|No|Any|Each|Every|If|When)\\b)\\p{Lu}[\\p{L}.’'-]*(?:,| is| are| was| were| acts as| serves as| \\() ?(?:the |our |its |an? )?(?i:${one})`,
      'u',
    )
    const definition = new RegExp(`(?i:${one})(?:,| is| are| was| were|:| —| –| \\()? (?:the )?\\p{Lu}\\p{L}+`, 'u')
    if (named.test(text) || definition.test(text)) return 2
    return says(`${begins},? (?:is|are|was|were|means?)\\b`) ? 1 : 0
  }
  if (
    says(
      `${begins},? (?:(?:shall )?means?|refers? to|stands? for|denotes?|describes?|consists? of|${DOES}|(?:is|are|was|were) (?:an?|the|any|one|each|every|what|where|how|when|who|someone|something|data|work)\\b|bedeutet|bezeichnet|(?:ist|sind) (?:eine?|der|die|das|jede[rs]?|alle)\\b)`,
    )
  )
    return 2
  // `To "lend" a tool means …`
  const quoted = new RegExp(`["“‘](?:${subject.split(/\s+/).map(escapeRegExp).join('|')})\\b[^"”’]*["”’]`, 'iu')
  if (quoted.test(text) && says(`${begins}(?: [^\\s,.;]+){1,4} (?:shall )?means?\\b`)) return 2
  if (says(`${begins}(?::| —| –| -| =) \\S`) || says(`(?:called|known as|named) (?:the |an? )?${one}`)) return 2
  return says(`${begins},? (?:is|are|was|were|has|have|ist|sind|hat|haben)\\b`) ? 1 : 0
}

/** The most sentences about a name that an answer shows. */
const MAX_BEARERS = 4

/** The sentences that say who somebody with this name is, if they differ: two persons may have one name. */
export function bearersOf<Item extends { readonly text: string }>(
  name: string,
  passages: readonly Item[],
): readonly Item[] {
  if (!/^\p{Lu}\S*(?: \p{Lu}\S*)+$/u.test(name)) return []
  const begins = new RegExp(`^${escapeRegExp(name)}(?:,| \\(| (?:is|was|of|from|at|in|the)\\b)`, 'u')
  const said = passages.filter(({ text }) => begins.test(text))
  return said.filter(({ text }, at) => said.findIndex((one) => one.text === text) === at).slice(0, MAX_BEARERS)
}
