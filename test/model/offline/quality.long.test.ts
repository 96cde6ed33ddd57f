import { afterAll, describe, expect, it } from 'vitest'
import { readAsked } from '../../../bench/offline/asked.ts'
import { measureClasses } from '../../../bench/offline/classes.ts'
import { readLabels } from '../../../bench/offline/labels.ts'
import { measureBaselines, measureModel } from '../../../bench/offline/measure.ts'
import type { Sample } from '../../../bench/offline/sample.ts'
import { decideCycle } from '../../../src/chain/protocol/recursion.ts'
import { localEmbedder } from '../../../src/model/embed/local-embedder.ts'
import { answerQuestion } from '../../../src/model/offline/answer/answer.ts'
import { chooseByText } from '../../../src/model/offline/answer/choose.ts'
import { decideQuestion } from '../../../src/model/offline/answer/decide.ts'
import { extractItems } from '../../../src/model/offline/answer/extract.ts'
import { summarise } from '../../../src/model/offline/answer/summarise.ts'
import { fillSchema } from '../../../src/model/offline/fill/fill.ts'
import { indexDocuments, type OfflineFinding } from '../../../src/model/offline/reading/reading.ts'

const LABELS = readLabels('tune')
const samples: readonly Sample[] = [...(await measureBaselines(LABELS)), ...(await measureModel(LABELS, 'words'))]

function meanOf(task: string, measure: string, method = 'words', among = samples): number {
  const { values } = among.find((one) => one.task === task && one.measure === measure && one.method === method)!
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('by words alone, on the half tune', () => {
  it.each([
    ['questions, in the document', 'hit@1', 0.5],
    ['questions, in the document', 'hit@3', 0.7],
    ['questions, among all', 'hit@1', 0.38],
    ['questions, among all', 'hit@3', 0.62],
    ['answers', 'right', 0.41],
    ['answers', 'kept', 0.65],
    ['answers', 'foreign refused', 0.97],
    ['answers', 'beyond refused', 0.8],
    ['sentiment', 'best is right', 0.65],
    ['sentiment', 'right of decided', 0.9],
    ['topics', 'right of decided', 1],
    ['fields', 'right', 0.92],
    ['fields', 'texts that fit their schema', 1],
  ])('%s: %s is at least %d', (task, measure, floor) => {
    expect(meanOf(task, measure)).toBeGreaterThanOrEqual(floor)
  })

  it.each([
    ['questions, in the document', 'hit@1', 'BM25'],
    ['questions, in the document', 'hit@3', 'BM25'],
    ['questions, among all', 'hit@1', 'BM25'],
    ['questions, among all', 'hit@3', 'BM25'],
    ['sentiment', 'best is right', 'keywords'],
    ['fields', 'right', 'name: value'],
    ['summaries', 'ROUGE-1 recall', 'lead-3'],
    ['summaries', 'ROUGE-1 recall', 'keywords'],
  ])('%s: %s is above %s', (task, measure, baseline) => {
    expect(meanOf(task, measure)).toBeGreaterThan(meanOf(task, measure, baseline))
  })
})

describe('over texts that were asked about first here, on the half tune', () => {
  it('most of what they answer is answered, and most of what they do not is refused', async () => {
    const asked = readAsked('tune')
    const outcomes = await Promise.all(
      asked.map(async ({ question, document, answers }) => {
        const { quotes, refused } = await answerQuestion({ kind: 'answer' }, question, indexDocuments([document], {}))
        const isRight = quotes.some((quote) => answers.some(({ start, end }) => quote.start < end && start < quote.end))
        return { isAnswered: answers.length > 0, isRight, isRefused: refused !== undefined }
      }),
    )
    const share = (isAnswered: boolean, is: (one: (typeof outcomes)[number]) => boolean) => {
      const among = outcomes.filter((one) => one.isAnswered === isAnswered)
      return among.filter(is).length / among.length
    }
    expect(share(true, ({ isRight }) => isRight)).toBeGreaterThanOrEqual(0.75)
    expect(share(false, ({ isRefused }) => isRefused)).toBeGreaterThanOrEqual(0.85)
  })
})

describe('by meaning, too', () => {
  const embedder = localEmbedder()
  afterAll(() => embedder?.close())

  it.skipIf(!embedder)('topics are distinguished by their descriptions', async () => {
    const measured = await measureClasses('topics', LABELS.topics, 'meaning', embedder)
    expect(meanOf('topics', 'best is right', 'meaning', measured)).toBeGreaterThanOrEqual(0.85)
    expect(meanOf('topics', 'decided', 'meaning', measured)).toBeGreaterThanOrEqual(0.6)
    expect(meanOf('topics', 'right of decided', 'meaning', measured)).toBeGreaterThanOrEqual(0.9)
  })
})

describe('no confidence ends a chain early', () => {
  const reading = indexDocuments(LABELS.documents, {})
  const findings: readonly [string, () => Promise<readonly OfflineFinding[]>][] = [
    ['answers', () => each(LABELS.questions, ({ question }) => answerQuestion({ kind: 'answer' }, question, reading))],
    ['decisions', () => each(LABELS.questions, ({ question }) => decideQuestion(question, reading))],
    [
      'lists',
      () => each(LABELS.questions.slice(0, 20), ({ question }) => extractItems({ kind: 'list' }, question, reading)),
    ],
    [
      'summaries',
      () => each(LABELS.documents, (document) => summarise({ kind: 'summarise' }, indexDocuments([document], {}))),
    ],
    [
      'choices',
      () =>
        each(LABELS.sentiment.sentences, ({ text }) =>
          chooseByText(LABELS.sentiment.choices, indexDocuments([{ name: 'text', text }], {})),
        ),
    ],
    [
      'fields',
      () =>
        each(LABELS.texts, ({ name, text, fields }) => {
          const properties = Object.fromEntries(fields.map(({ field, schema }) => [field, schema]))
          return fillSchema({ type: 'object', properties }, { kind: 'fill' }, indexDocuments([{ name, text }], {}))
        }),
    ],
  ]

  it.each(findings)('of %s', async (_, find) => {
    const confidences = (await find()).map(({ confidence }) => confidence)
    expect(Math.max(...confidences)).toBeGreaterThan(0)
    expect(Math.max(...confidences)).toBeLessThanOrEqual(0.7)
  })

  it('of 0.7 is not enough for the chain to yield', () => {
    const recursion = { cycle: 1, convergence: null, history: [] }
    const judged = (confidence: number) =>
      decideCycle({ loop: true, confidence, gaps: [] }, recursion, { maxCycles: 5 })
    expect(judged(0.7)).toMatchObject({ decision: 'loop' })
    expect(judged(0.91)).toEqual({ decision: 'yield', reason: 'confident' })
  })
})

async function each<From>(
  items: readonly From[],
  find: (item: From) => Promise<OfflineFinding>,
): Promise<readonly OfflineFinding[]> {
  return Promise.all(items.map(find))
}
