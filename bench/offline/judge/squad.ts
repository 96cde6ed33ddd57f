import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Asked } from '../asked.ts'

const fileSchema = z.object({
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(
            z.object({
              question: z.string(),
              is_impossible: z.boolean(),
              answers: z.array(z.object({ text: z.string(), answer_start: z.number() })),
            }),
          ),
        }),
      ),
    }),
  ),
})

const BETWEEN = '\n\n'

/** The questions of a file of SQuAD 2.0. Each article is one document, its paragraphs are those of the file. */
export function readSquad(path: string): readonly Asked[] {
  const { data } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return data.flatMap(({ title, paragraphs }) => {
    const document = { name: `${title}.txt`, text: paragraphs.map(({ context }) => context).join(BETWEEN) }
    let start = 0
    return paragraphs.flatMap(({ context, qas }) => {
      const from = start
      start += context.length + BETWEEN.length
      return qas.map(({ question, is_impossible: isImpossible, answers }) => ({
        question: question.trim(),
        document,
        answers: isImpossible
          ? []
          : answers.map(({ text, answer_start: at }) => ({ start: from + at, end: from + at + text.length })),
      }))
    })
  })
}
