import { expect, test } from 'vitest'
import { commandOf, openExample } from './folder.ts'

type Label = { readonly page: string | null; readonly words?: string }
type Answer = { readonly question: string; readonly page?: string; readonly line?: number; readonly quote?: string }

/** The answers of the file that the agent wrote. */
function answersIn(text: string): readonly Answer[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const question = section.split('\n')[0]!
      const [, quote, page, line] = /^\n((?:> .*\n)+)\n(.+):(\d+)\n/m.exec(section) ?? []
      if (quote === undefined) return { question }
      return { question, page: page!, line: Number(line), quote: quote.replace(/^> /gm, '').trimEnd() }
    })
}

test('guide answers from the pages, with lines that hold the quoted words', async () => {
  const { run, read } = await openExample('guide')
  expect(await run(...commandOf(await read('README.md')))).toMatchObject({ code: 0, out: 'answers.md\n' })
  const text = await read('answers.md')
  const answers = answersIn(text)
  const questions = (await read('questions.txt')).trim().split('\n')
  expect(answers.map(({ question }) => question)).toEqual(questions)

  // each section either cites a place or says that there is none
  const refused = answers.filter(({ quote }) => quote === undefined)
  expect(text.match(/^No page answers this\.$/gm)?.length).toBe(refused.length)
  for (const { page, line, quote } of answers) {
    if (quote === undefined) continue
    const lines = (await read(page!)).split('\n').slice(line! - 1)
    const [first = '', ...more] = quote.split('\n')
    expect(lines[0], `${page}:${line}`).toContain(first)
    expect(lines.slice(0, more.length + 1).join('\n')).toContain(quote)
  }

  const labels: readonly Label[] = JSON.parse(await read('labels.json'))
  const isRight = ({ page, words = '' }: Label, at: number) =>
    page !== null && answers[at]!.page === page && answers[at]!.quote!.includes(words)
  expect(labels.filter(isRight).length).toBeGreaterThanOrEqual(5)
  expect(labels.filter(({ page }, at) => page === null && answers[at]!.quote === undefined).length).toBe(2)
})
