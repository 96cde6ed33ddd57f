import { expect, test } from 'vitest'
import { unitsOf } from '../../src/source/document.ts'
import { parseNotebook } from '../../src/source/notebook.ts'
import { readDocument, readTextDocument } from '../../src/source/source.ts'
import { passagesOf } from '../../src/source/split.ts'

const PICTURE = 'iVBORw0KGgo'.repeat(50)
const cells = [
  { cell_type: 'markdown', source: ['# Tides\n', 'The gauge stands in Oslo.\n'] },
  { cell_type: 'markdown', source: `![chart](data:image/png;base64,${PICTURE}) The chart shows May.` },
  {
    cell_type: 'code',
    source: 'level = read()\nprint(level)',
    outputs: [
      { output_type: 'stream', name: 'stdout', text: ['highest level ', '\x1b[31m2.8\x1b[0m m\n'] },
      { output_type: 'display_data', data: { 'image/png': PICTURE, 'text/plain': '<Figure size 640x480>' } },
      { output_type: 'execute_result', data: { 'text/html': '<table>', 'text/plain': ['mean  1.4'] } },
      { output_type: 'error', ename: 'ValueError', evalue: 'no gauge', traceback: ['\x1b[0;31m---'] },
    ],
  },
  { cell_type: 'code', source: '', outputs: [] },
]
const notebook = JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 })

test('the cells of a notebook are read, with the texts of their outputs and without pictures', async () => {
  const read = await readDocument('tides.ipynb', Buffer.from(notebook))
  expect(read).toMatchObject({ places: 'words', gaps: ['2 pictures are left out'] })
  expect(unitsOf(read).map(({ text, kind, heading }) => [text, kind, heading])).toEqual([
    ['The gauge stands in Oslo.', 'paragraph', 'Tides'],
    ['The chart shows May.', 'paragraph', 'Tides'],
    ['level = read()\nprint(level)', 'code', 'Tides'],
    ['highest level 2.8 m', 'code', 'Tides'],
    ['mean  1.4', 'code', 'Tides'],
    ['ValueError: no gauge', 'code', 'Tides'],
  ])
  expect(passagesOf(read).some(({ text }) => text.includes('iVBOR') || text.includes('cell_type'))).toBe(false)
})

test('the keys tell a notebook under another name, and one whose text was sent', async () => {
  expect((await readDocument('tides.json', Buffer.from(notebook))).text).toContain('highest level 2.8 m')
  expect((await readTextDocument('tides.ipynb', notebook)).text).toContain('highest level 2.8 m')
  expect((await readDocument('a.json', Buffer.from('{"cells": 3}'))).text).toBe('{"cells": 3}')
})

test('a notebook of an older form has its cells in sheets', async () => {
  const sheets = [
    {
      cells: [
        { cell_type: 'heading', level: 2, source: 'Tides' },
        { cell_type: 'code', input: ['a = 1'], outputs: [{ output_type: 'pyout', text: ['2.8'], png: PICTURE }] },
      ],
    },
  ]
  const { text, gaps } = await parseNotebook(Buffer.from(JSON.stringify({ worksheets: sheets, nbformat: 3 })))
  expect(text).toBe('## Tides\n\n```python\na = 1\n```\n\n```\n2.8\n```')
  expect(gaps).toEqual(['1 picture is left out'])
})

test.each(['{"cells": [', '[]', '"a"', '{"cells": 3}'])('%s is not a notebook', async (text) => {
  await expect(readDocument('a.ipynb', Buffer.from(text))).rejects.toMatchObject({
    code: 'bad_value',
    message: 'it is a broken notebook',
  })
})
