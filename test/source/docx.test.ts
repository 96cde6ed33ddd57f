import { expect, test } from 'vitest'
import { DOCX_TYPE, unitsOf } from '../../src/source/document.ts'
import { makeDocx } from './make-files.ts'
import { parseFile } from './parse.ts'

async function read(...made: Parameters<typeof makeDocx>) {
  const file = await parseFile({ type: DOCX_TYPE, name: 'a.docx', bytes: makeDocx(...made) })
  return { units: unitsOf(file).map(({ heading, text }) => [heading, text].filter(Boolean).join(' › ')), file }
}

const run = (text: string, properties = '') =>
  `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`

test.each([
  ['once', '<w:b/><w:strike/>'],
  ['once, with a value', '<w:strike w:val="true"/>'],
  ['twice', '<w:dstrike/>'],
  ['twice, and not once', '<w:strike w:val="false"/><w:dstrike w:val="1"/>'],
  ['by its style', '<w:rStyle w:val="Gone"/>'],
])('text that is struck %s is left out', async (_, properties) => {
  const styles = '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:strike/></w:rPr></w:style>'
  const { units, file } = await read(
    [`<w:p>${run('The mill may ')}${run('not ', properties)}${run('be let.')}</w:p>`],
    { styles },
  )
  expect(units).toEqual(['The mill may be let (1 struck word left out).'])
  expect(file.gaps).toEqual(['it has 1 struck word, which is left out'])
})

test('text that is not struck, against its style, stays', async () => {
  const styles = '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:strike/></w:rPr></w:style>'
  const properties = '<w:rStyle w:val="Gone"/><w:strike w:val="0"/>'
  expect((await read([`<w:p>${run('It stays.', properties)}</w:p>`], { styles })).units).toEqual(['It stays.'])
})

test('tracked changes are read as accepted, and their sentences say so', async () => {
  const by = 'w:id="1" w:author="Ann"'
  const { units, file } = await read([
    `<w:p>${run('The rent is ')}<w:del ${by}><w:r><w:delText>90</w:delText></w:r></w:del><w:ins ${by}>${run('95')}</w:ins>${run(' crowns. It is due in May.')}</w:p>`,
    `<w:p><w:moveFrom ${by}>${run('Moved away.')}</w:moveFrom></w:p>`,
    `<w:p><w:moveTo ${by}>${run('Moved here.')}</w:moveTo></w:p>`,
  ])
  expect(units).toEqual([
    'The rent is 95 crowns (2 tracked changes accepted).',
    'It is due in May.',
    '(1 tracked change accepted)',
    'Moved here (1 tracked change accepted).',
  ])
  expect(file.gaps).toEqual(['it has 4 tracked changes, and is read as if all were accepted'])
})

test('page headers and footers are passages of their own, below the title', async () => {
  const { units, file } = await read(['# The mill', 'It stands.'], {
    header1: `<w:p>${run('Draft, not ')}${run('yet ', '<w:strike/>')}${run('binding')}</w:p>`,
    header2: `<w:p>${run('Page ')}${run('3')}${run(' of 9')}</w:p>`,
    footer1: `<w:p>${run('Drawn up by Ann')}</w:p>`,
    footer2: '<w:p/>',
  })
  expect(units).toEqual([
    'The mill › It stands.',
    'The mill › Page header › Draft, not binding (1 struck word left out)',
    'The mill › Page footer › Drawn up by Ann',
  ])
  expect(file.metadata.title).toBe('The mill')
})

test('a page header without a title above it, and one with a picture and a watermark', async () => {
  const picture = '<w:r><w:drawing><a:blip r:embed="rId9"/></w:drawing></w:r>'
  const watermark = '<w:r><w:pict><v:shape><v:textpath style="x" string="VOID"/></v:shape></w:pict></w:r>'
  const { units } = await read(['It stands.'], { header1: `<w:p>${picture}${watermark}</w:p>` })
  expect(units).toEqual(['It stands.', 'Page header › VOID'])
})

test('page numbers alone are no passages, and comments are a gap', async () => {
  const { units, file } = await read(['It stands.'], {
    footer1: `<w:p>${run('Page ')}${run('3')}</w:p>`,
    comments: '<w:comment w:id="0"><w:p/></w:comment><w:comment w:id="1"><w:p/></w:comment>',
  })
  expect(units).toEqual(['It stands.'])
  expect(file.gaps).toEqual(['it has 2 comments, which are not read'])
})
