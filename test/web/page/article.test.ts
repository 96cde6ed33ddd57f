import { expect, test } from 'vitest'
import { readPage } from '../../../src/web/page/article.ts'

const textOf = (html: string) => readPage({ html, url: 'https://example.org/', main: false }).text
const XHTML = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'

test.each([
  ['a', '<a id="x"/>'],
  ['a with a name', '<a name=\'x\' class="y>z" />'],
  ['span', '<span/>'],
  ['del', '<del/>'],
  ['b', '<b/>'],
  ['p', '<p/>'],
  ['script', '<script src="x.js"/>'],
])('XHTML: an element %s that closes itself swallows nothing', (_, tag) => {
  const page = `${XHTML}${tag}<h2>${tag}Sails</h2>${tag}<p>Two sails.</p>${tag}<ul><li>One</li></ul></body></html>`
  expect(textOf(page)).toBe('## Sails\n\nTwo sails.\n\n- One')
})

test('HTML: an anchor that closes itself swallows nothing, and other tags keep their meaning', () => {
  expect(textOf('<a name="x"/><h2>Sails</h2><p>Two.</p>')).toBe('## Sails\n\nTwo.')
  expect(textOf('<ul><li/>One<li/>Two</ul>')).toBe('- One\n- Two')
  expect(textOf('See <a href=https://example.org/sails/>the sails</a>.')).toBe(
    'See [the sails](https://example.org/sails/).',
  )
})

test('blocks within an anchor, a link or bold text keep their lines', () => {
  const table = '<table><tr><th>Sail</th></tr><tr><td>Jib</td></tr></table>'
  const written = '| Sail |\n| --- |\n| Jib |'
  expect(textOf(`<a name="x"><h2>Sails</h2>${table}`)).toBe(`## Sails\n\n${written}`)
  expect(textOf(`<a href="https://example.org"><h2>Sails</h2>${table}</a>`)).toBe(`## Sails\n\n${written}`)
  expect(textOf(`<b>${table}</b>`)).toBe(written)
})

test('text of a list that stands in no item is kept', () => {
  expect(textOf('<ul>Sails:<li>Jib</li></ul>')).toBe('Sails:\n- Jib')
})
