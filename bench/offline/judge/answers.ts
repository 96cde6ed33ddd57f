import { hitText } from '../../../src/chain/retrieval/quotes.ts'
import { searchTexts } from '../../../src/chain/retrieval/search-texts.ts'
import { answerQuestion } from '../../../src/model/offline/answer/answer.ts'
import { indexDocuments } from '../../../src/model/offline/reading/reading.ts'
import { textDocument } from '../../../src/source/split.ts'
import type { Asked } from '../asked.ts'
import { featuresOf } from './features.ts'

/** An answer that is not refused, as the limits and as a judge see it. */
export type JudgedAnswer = {
  readonly document: string
  readonly features: readonly number[]
  /** the limits call it sure */
  readonly isSure: boolean
  /** a judge never calls it sure: two texts differ */
  readonly isDisputed: boolean
  readonly isRight: boolean
  /** the document answers the question */
  readonly isAnswerable: boolean
}

/** An answer with a limit of words has no further places, which only one that is not sure shows. */
const MAX_WORDS = 10_000

/** What `antiphon ask` makes of questions to their documents, by words; without what it refuses. */
export async function judgeAnswers(labelled: readonly Asked[]): Promise<readonly JudgedAnswer[]> {
  const answers: JudgedAnswer[] = []
  for (const { question, document, answers: ranges } of labelled) {
    const source = { id: 's1', kind: 'file', ref: document.name } as const
    const content = textDocument(document.name, document.text)
    const { hits } = await searchTexts([{ source, content }], { question, known: [] })
    const reading = indexDocuments(
      hits.map((hit) => ({ name: `${hit.vid}.txt`, text: hitText(hit) })),
      {},
    )
    const found = await answerQuestion({ kind: 'answer', words: MAX_WORDS }, question, reading)
    if (found.refused !== undefined) continue
    const { features, isDisputed } = (await featuresOf(question, reading))!
    const isRight = found.quotes.some(({ document: of, start, end }) => {
      const at = document.text.indexOf(reading.excerpts[of]!.text.slice(start, end))
      return at >= 0 && ranges.some((range) => range.start < at + end - start && at < range.end)
    })
    answers.push({
      document: document.name,
      features: Object.values(features),
      isSure: found.unsure !== true,
      isDisputed,
      isRight,
      isAnswerable: ranges.length > 0,
    })
  }
  return answers
}
