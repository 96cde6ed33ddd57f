import type { JudgedAnswer } from './answers.ts'
import { fitWeights, judge } from './fit.ts'

/** How many folds: each document is held out once, with all of its questions. */
const FOLDS = 4
type Scored = JudgedAnswer & { readonly score: number; readonly isAccepted: boolean }

/** Figures of one way to say which answers are sure. */
type JudgeRow = {
  readonly mix: string
  readonly by: string
  readonly answers: number
  readonly sure: number
  /** the share of the sure ones that is right */
  readonly precision: number
  /** the share of the right ones that is sure */
  readonly recall: number
  /** the share of all questions whose answer is wrong and sure */
  readonly wrong: number
}

/** The answers of a mix that keeps this share of the questions without an answer. */
export function mixOf(answers: readonly JudgedAnswer[], kept: number): readonly JudgedAnswer[] {
  let [seen, taken] = [0, 0]
  return answers.filter(({ isAnswerable }) => {
    if (isAnswerable) return true
    // every n-th one, so that all documents keep their part
    const isTaken = ++seen * kept >= taken + 1
    if (isTaken) taken++
    return isTaken
  })
}

/** Each answer with the score of a judge that was fitted on other documents. */
export function scoreHeldOut(answers: readonly JudgedAnswer[]): readonly Scored[] {
  const documents = [...new Set(answers.map(({ document }) => document))].toSorted()
  const foldOf = (document: string) => documents.indexOf(document) % FOLDS
  return Array.from({ length: FOLDS }, (_, fold) => {
    const isHeld = ({ document }: JudgedAnswer) => foldOf(document) === fold
    const known = answers.filter((one) => !isHeld(one))
    const fitted = fitWeights(known.map(({ features, isRight: is }) => ({ features, is })))
    const scores = known.map((one) => (one.isDisputed ? 0 : judge(one.features, fitted)))
    // as many sure answers as by the limits, counted on the documents that the judge knows
    const limit = scores.toSorted((one, other) => other - one)[known.filter(({ isSure }) => isSure).length - 1] ?? 1
    return answers.filter(isHeld).map((one) => {
      const score = one.isDisputed ? 0 : judge(one.features, fitted)
      return { ...one, score, isAccepted: score >= limit }
    })
  }).flat()
}

/** The limits beside the judge, on documents that it does not know. */
export function compare(mix: string, scored: readonly Scored[], asked: number): readonly JudgeRow[] {
  const row = (by: string, sure: readonly Scored[]): JudgeRow => {
    const right = sure.filter(({ isRight }) => isRight).length
    const all = scored.filter(({ isRight }) => isRight).length
    return {
      mix,
      by,
      answers: scored.length,
      sure: sure.length,
      precision: right / Math.max(1, sure.length),
      recall: right / Math.max(1, all),
      wrong: (sure.length - right) / asked,
    }
  }
  const limits = scored.filter(({ isSure }) => isSure)
  const best = scored.toSorted((one, other) => other.score - one.score)
  return [
    row('limits', limits),
    row(
      'judge, its own limit',
      scored.filter(({ isAccepted }) => isAccepted),
    ),
    row('judge, as many', best.slice(0, limits.length)),
  ]
}
