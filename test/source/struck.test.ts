import { expect, test } from 'vitest'
import { unitsOf } from '../../src/source/document.ts'
import { passagesOf, textDocument } from '../../src/source/split.ts'
import { parseFile } from './parse.ts'

async function read(name: string, text: string) {
  const type = name.endsWith('.html') ? 'text/html' : 'text/plain'
  const file = await parseFile({ type, name, bytes: Buffer.from(text) })
  return { units: unitsOf(file).map((unit) => unit.text), gaps: file.gaps, file }
}

test.each([
  ['del', 'The ferry <del>never</del> stops at Holm.'],
  ['s', 'The ferry <s>never</s> stops at Holm.'],
  ['strike', 'The ferry <strike>never</strike> stops at Holm.'],
  ['a style', 'The ferry <span style="color:red; text-decoration: line-through">never</span> stops at Holm.'],
  ['struck text around a link', 'The ferry <del><a href="/n">never</a></del> stops at Holm.'],
])('HTML: text struck by %s is left out, and its sentence says so', async (_, html) => {
  const { units, gaps } = await read('a.html', `<p>${html} It is blue.</p>`)
  expect(units).toEqual(['The ferry stops at Holm (1 struck word left out).', 'It is blue.'])
  expect(gaps).toEqual(['it has 1 struck word, which is left out'])
})

test('HTML: struck blocks, items, cells and code are left out, and inserted text stays', async () => {
  const { units, gaps, file } = await read(
    'a.html',
    `<h1>Ferry <s>Old</s> plan</h1><del><p>It sails.</p><p>At noon.</p></del><p>It <ins>now</ins> waits.</p>
    <ul><li><s>Pay at the pier</s></li><li>Pay aboard</li></ul><table><tr><th>Trip</th><th>Fare</th></tr>
    <tr><td>Holm</td><td><s>7</s> 5</td></tr></table><pre>fare = <del>7</del>5</pre>`,
  )
  expect(units).toEqual([
    '(4 struck words left out)',
    'It now waits.',
    '(4 struck words left out)',
    'Pay aboard',
    expect.stringMatching(/Holm.*5 \(1 struck word left out\)$/),
    'fare = 5',
    '(1 struck word left out)',
  ])
  expect(gaps).toEqual(['it has 11 struck words, which are left out'])
  expect(file.metadata.title).toBe('Ferry plan')
  expect(
    passagesOf(file)
      .map(({ text }) => text)
      .join(' '),
  ).not.toMatch(/sails|noon|pier|7/)
})

test('Markdown: struck text is left out, and lines keep their numbers', async () => {
  const { units, gaps, file } = await read(
    'a.md',
    'The ferry ~~never~~ stops\nat Holm. It is ~~green,\nno,~~ blue.\n\n- ~~Pay at the pier~~\n- <del>Pay</del> Board\n\nEnd.',
  )
  expect(units).toEqual([
    'The ferry stops at Holm (1 struck word left out).',
    'It is blue (2 struck words left out).',
    '(4 struck words left out)',
    'Board (1 struck word left out)',
    'End.',
  ])
  expect(unitsOf(file).map(({ line }) => line)).toEqual([1, 2, 5, 6, 8])
  expect(gaps).toEqual(['it has 8 struck words, which are left out'])
})

test('Markdown: tags of struck text reach over blocks', async () => {
  const { units } = await read('a.md', 'One.\n\n<del>\n\nTwo ~~and~~\n\n- three\n\n</del>\n\nFour.')
  expect(units).toEqual(['One.', '(3 struck words left out)', 'Four.'])
})

test.each([
  ['a span of code', 'Write `~~x~~` or ``a ` ~~b~~``.'],
  ['fenced code', '```\n~~x~~ <del>y</del>\n```'],
  ['code within tildes', '~~~\n~~x~~\n~~~'],
  ['indented code', 'Text.\n\n    ~~x~~'],
  ['single tildes', 'About ~5 to ~6~ miles in ~/sea.'],
  ['tildes with a space inside', 'a ~~ b ~~ c'],
  ['escaped tildes', 'a \\~~b~~ c'],
  ['tildes in two paragraphs', 'a ~~b\n\nc~~ d'],
  ['tildes in two cells', '| a |\n|---|\n| ~~b | c~~ |'],
  ['a tag that is not closed', 'a <del>b\n\nc'],
])('Markdown: %s is not struck', async (_, text) => {
  const { gaps, file } = await read('a.md', text)
  expect(file.text).toBe(text)
  expect(gaps).toEqual([])
})

test('code and records keep their tildes', async () => {
  for (const name of ['a.ts', 'a.log', 'a.csv', 'a.tex'])
    expect((await read(name, 'x ~~y~~ z')).file.text).toBe('x ~~y~~ z')
})

test('a text without a file has no struck words either', () => {
  expect(unitsOf(textDocument('', 'Ann ~~likes~~ hates tea.')).map(({ text }) => text)).toEqual([
    'Ann hates tea (1 struck word left out).',
  ])
})

test('many marks are read in a time that grows with the text', async () => {
  const { file } = await read('a.md', '~~a '.repeat(100_000) + '\n'.repeat(100_000) + '`'.repeat(10_000))
  expect(file.text.length).toBeGreaterThan(400_000)
})
