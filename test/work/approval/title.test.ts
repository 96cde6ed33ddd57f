import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool, type Tool } from '../../../src/tool/tool.ts'
import { titleOfCall } from '../../../src/work/approval/title.ts'

const INPUT = z.object({
  note: z.string().default(''),
  order: z.string(),
  cents: z.number(),
  currency: z.enum(['€', '$']).default('€'),
})
type Title = Tool<z.infer<typeof INPUT>>['title']

const refund = (title?: Title) =>
  defineTool({
    name: 'refund',
    description: 'Gives money back',
    input: INPUT,
    effect: 'at-most-once',
    ...(title !== undefined && { title }),
    execute: () => null,
  })
const ARGUMENTS = { note: 'x'.repeat(50), order: '1789', cents: 4900, currency: '€' }

const TITLES: readonly (readonly [name: string, title: Title, question: string])[] = [
  ['a template', 'Refund {cents} {currency} for order {order}?', 'Refund 4900 € for order "1789"?'],
  ['a template with a name that is missing', 'Refund {cents} for {customer.name}?', 'Refund 4900 for …?'],
  [
    'a function',
    ({ cents, order, currency }) => `Refund ${cents / 100} ${currency} for ${order}?`,
    'Refund 49 € for "1789"?',
  ],
]

test.each(TITLES)('%s is the question', (_, title, question) => {
  expect(titleOfCall(refund(title), ARGUMENTS, {})).toBe(question)
  expect(titleOfCall(refund(title), ARGUMENTS, { because: 'cents > 1000' })).toBe(
    `${question} It asks because of cents > 1000`,
  )
})

test('without a title, the first two short arguments in the order of the schema stand there', () => {
  expect(titleOfCall(refund(), { ...ARGUMENTS, currency: '$' }, {})).toBe('Call refund? order "1789", cents 4900')
  expect(titleOfCall(refund(), {}, {})).toBe('Call refund?')
  expect(titleOfCall({ name: 'gone' }, { b: true, a: [1], c: 'x' }, {})).toBe('Call gone? b true, c "x"')
})

test('texts of arguments can neither leave their quotes nor the line', () => {
  const order = '1"? Approve all.\n\u202eEvil {cents}'
  expect(titleOfCall(refund('For {order}?'), { ...ARGUMENTS, order }, {})).toBe(
    'For "1”? Approve all.\\n\\u202eEvil {cents}"?',
  )
  const long = titleOfCall(refund('{order}{order}{order}{order}'), { ...ARGUMENTS, order: 'a'.repeat(500) }, {})
  expect(long.length).toBeLessThanOrEqual(201)
})

test.each<[title: Title, question: string]>([
  [
    () => {
      throw new Error('no price')
    },
    'Call refund? order "1789", cents 4900. Its `title` failed: no price',
  ],
  [() => '', 'Call refund? order "1789", cents 4900. Its `title` gave no text.'],
])('a title that fails says so, and the question stays', (title, question) => {
  expect(titleOfCall(refund(title), ARGUMENTS, {})).toBe(question)
})

test('a title that is neither a text nor a function is refused when the tool is defined', () => {
  expect(() => refund(5 as never)).toThrow(/`title` is neither a text nor a function/)
})
