import { alignFigures } from '../../quality.ts'
import { readAsked } from '../asked.ts'
import { judgeAnswers } from './answers.ts'
import { compare, mixOf, scoreHeldOut } from './compare.ts'
import { readSquad } from './squad.ts'

/** The share of questions without an answer in the ordinary mix. */
const ORDINARY = 0.3

/** How the limits and a fitted judge tell which answers are right: on a file of SQuAD 2.0, and on the half tune. */
export async function reportJudge(path: string): Promise<string> {
  const squad = readSquad(path)
  const own = readAsked('tune')
  const unanswerable = squad.filter(({ answers }) => answers.length === 0).length
  const answerable = squad.length - unanswerable
  const kept = Math.min(1, (answerable * ORDINARY) / (1 - ORDINARY) / Math.max(1, unanswerable))
  const [ofSquad, ofTune] = [await judgeAnswers(squad), await judgeAnswers(own)]
  const articles = new Set(ofSquad.map(({ document }) => document))
  const mixes = [
    { mix: 'ordinary', answers: mixOf(ofSquad, kept), asked: answerable + kept * unanswerable },
    { mix: 'adversarial', answers: ofSquad, asked: squad.length },
  ]
  const rows = mixes.flatMap(({ mix, answers, asked }) => {
    const scored = scoreHeldOut([...answers, ...ofTune])
    const isArticle = ({ document }: { readonly document: string }) => articles.has(document)
    return [
      ...compare(`SQuAD, ${mix}`, scored.filter(isArticle), asked),
      ...compare(
        `tune, beside ${mix}`,
        scored.filter((one) => !isArticle(one)),
        own.length,
      ),
    ]
  })
  return alignFigures([
    ['questions', 'by', 'answers', 'sure', 'right of sure', 'sure of right', 'wrong and sure'],
    ...rows.map(({ mix, by, answers, sure, precision, recall, wrong }) => [
      ...[mix, by, String(answers), String(sure)],
      ...[precision, recall, wrong].map((share) => share.toFixed(3)),
    ]),
  ]).join('\n')
}
