import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stopwords as dutch } from '@orama/stopwords/dutch'
import { stopwords as french } from '@orama/stopwords/french'
import { stopwords as german } from '@orama/stopwords/german'
import { stopwords as italian } from '@orama/stopwords/italian'
import { stopwords as spanish } from '@orama/stopwords/spanish'
import { deu, fra, ita, nld, spa } from 'stopword'

// Writes the small words of five languages, which a question can do without: `node build/small-words.ts`.

type Language = {
  /** Two lists of stop words. A word that only one of them has is often one of content: `hoch`, `Jahr`, `días`. */
  readonly lists: readonly [readonly string[], readonly string[]]
  /** Words of questions, articles, forms of `be` and `have`, and spellings without accents that they lack. */
  readonly added: string
  /** Words of both that are also nouns or numbers: the way, the summer, planes, sums, six, a face, ditches, a being. */
  readonly left: string
}

const LANGUAGES: { readonly [code: string]: Language } = {
  de: {
    lists: [deu, german],
    added:
      'wann warum wieso weshalb woher wohin wodurch wofür womit woran worauf worin worüber wovon wozu wer wen wem wessen ' +
      'welch wieviel viele vielen vieler dass beim am ans aufs seit wäre wären hätte hätten wurde wurden worden seid ' +
      'müssen mussten müsste sollen sollten konnte konnten könnten darf dürfen durfte gibt ' +
      'fuer ueber koennen koennte muessen wuerde wuerden waere waehrend',
    left: 'weg',
  },
  fr: {
    lists: [fra, french],
    added:
      'a où qu quoi combien quand comment pourquoi lequel laquelle lesquels lesquelles auquel duquel dont lorsqu puisqu ' +
      'jusqu quoiqu être avoir elles celui celle ceux celles ça si comme plus très aussi chez vers entre sous depuis ' +
      'pendant peut peuvent doit doivent etre',
    left: 'été étée étées étés avions sommes fût',
  },
  it: {
    lists: [ita, italian],
    added:
      'quando quali qual cosa cos com quest quell essere avere può possono deve devono ed od perché perche perchè piu puo',
    left: 'sei faccia facciate fosse fossi',
  },
  nl: {
    lists: [nld, dutch],
    added:
      'wanneer waar waarom waarin waarmee waarop waarvan waardoor waarvoor hoeveel hoelang welk welke wiens wordt werden ' +
      'we wij wel onder hebt bent mag mogen moeten zullen zouden kunt konden tussen',
    left: 'wezen',
  },
  es: {
    lists: [spa, spanish],
    added:
      'cuál cuáles cuándo cuánto cuánta cuántos cuántas cómo dónde adónde quién quiénes cual cuales cuanto cuanta cuantos ' +
      'cuantas quienes unos unas esta estos estas esa esos esas esto aquel aquella aquellos aquellas yo ellos ellas ' +
      'usted ustedes nosotros les os mis tus nuestro nuestra nuestros nuestras si e u es son era eran fue fueron ser ' +
      'sido sea será está están estaba estaban estar he ha hemos han haber había habían hay hubo cada todo toda todos ' +
      'todas otra otros otras entre según puede pueden debe deben',
    left: '',
  },
}

/** The file that is written, and its text. */
export const SMALL_WORDS_FILE = join(import.meta.dirname, '../src/model/text/small-words.ts')

export const smallWordsText = (): string => `// Written by \`node build/small-words.ts\`.

/** Words that a question in one of these languages can do without. */
export const SMALL_WORDS = {
${Object.entries(LANGUAGES)
  .map(([code, language]) => `  ${code}: '${wordsOf(language).join(' ')}',`)
  .join('\n')}
} as const
`

function wordsOf({ lists: [one, other], added, left }: Language): readonly string[] {
  const both = one.filter((word) => other.includes(word))
  const words = new Set([...both, ...added.split(' ')].map((word) => word.normalize()))
  for (const word of left.split(' ')) words.delete(word)
  return [...words].sort()
}

if (import.meta.main) writeFileSync(SMALL_WORDS_FILE, smallWordsText())
