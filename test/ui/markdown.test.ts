import { expect, test } from 'vitest'
import { type Block, blocksOf, type Span, typedAnswer } from '../../ui/chat/markdown.ts'
import { fc } from '../property.ts'

test('an answer has paragraphs, lists, code and marks of its sources; links stay text', () => {
  expect(
    blocksOf(
      '# Hours\nOpen at **six**<vid>v1</vid>.\n\n- one `x`\n- two\n  and more\n```sh\na\n- b\n```\n[x](javascript:1)',
    ),
  ).toEqual([
    { type: 'heading', spans: [{ type: 'text', text: 'Hours' }] },
    {
      type: 'paragraph',
      spans: [
        { type: 'text', text: 'Open at ' },
        { type: 'strong', text: 'six' },
        { type: 'mark', vid: 'v1' },
        { type: 'text', text: '.' },
      ],
    },
    {
      type: 'list',
      items: [
        [
          { type: 'text', text: 'one ' },
          { type: 'code', text: 'x' },
        ],
        [{ type: 'text', text: 'two\nand more' }],
      ],
    },
    { type: 'code', text: 'a\n- b' },
    { type: 'paragraph', spans: [{ type: 'text', text: '[x](javascript:1)' }] },
  ])
})

test('no letter of an answer is lost', () => {
  const text = fc.array(
    fc.constantFrom('a', '**b**', '`c`', '\n', '\n\n', '- ', '```', '<vid>v1</vid>', '# ', ' ', '**'),
  )
  const letters = (shown: string) => shown.replaceAll(/[^a-c]/g, '')
  fc.assert(
    fc.property(text, (pieces) => {
      const given = pieces.join('')
      const shown = blocksOf(given).map(textOf).join('\n')
      // the language of a block of code is not shown
      expect(letters(shown)).toBe(
        letters(given.replaceAll(/<vid>|<\/vid>/g, '').replaceAll(/(?<=^|\n)( *```).*/g, '$1')),
      )
    }),
  )
})

const spanText = (span: Span) => (span.type === 'mark' ? '' : span.text)
const textOf = (block: Block): string =>
  block.type === 'code'
    ? block.text
    : block.type === 'list'
      ? block.items.map((item) => item.map(spanText).join('')).join('\n')
      : block.spans.map(spanText).join('')

test.each([
  ['{"answer":"Yes.","refunded":true}', '{\n  "answer": "Yes.",\n  "refunded": true\n}'],
  ['[1]', '[\n  1\n]'],
  ['{not} JSON', undefined],
  ['Yes: {"a":1}', undefined],
  ['12', undefined],
])('the typed answer %s has a line for each field', (text, shown) => {
  expect(typedAnswer(text)).toBe(shown)
})
