import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { reportTools } from '../../../../src/tool/builtin/report-generator/report-generator.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const toolbox = createToolbox(reportTools)
const run = (input: { readonly [name: string]: unknown }, operation = 'generate') =>
  call(toolbox.find('report-generator', operation)!, input, contextAt(place.root))

test.each<[input: { readonly [name: string]: unknown }, markdown: string]>([
  [{ title: 'Tides', content: 'The moon.' }, '# Tides\n\nThe moon.\n'],
  [{ title: 'Tides', template: '# Own\n\ntext\n\n' }, '# Own\n\ntext\n'],
  [
    { title: 'T', sections: [{ title: 'A', content: 'a' }, { heading: 'B', text: ['x', 2] }, 'last'] },
    '# T\n\n## A\n\na\n\n## B\n\n- x\n- 2\n\nlast\n',
  ],
  [
    { title: 'T', sections: { One: 'a', Two: { x: 1 } } },
    '# T\n\n## One\n\na\n\n## Two\n\n```json\n{\n  "x": 1\n}\n```\n',
  ],
  [
    { title: 'T', content: 'c', metadata: { by: 'Ada', n: 2 }, query: 'q' },
    '# T\n\n- **Query:** q\n- **by:** Ada\n- **n:** 2\n\nc\n',
  ],
  [
    {
      title: 'T',
      findings: ['f'],
      search_results: { results: [{ title: 'S', url: 'https://s', snippet: 'is' }, { url: 'u' }] },
    },
    '# T\n\n## Findings\n\n- f\n\n## Sources\n\n1. [S](https://s): is\n2. [u](u)\n',
  ],
  [{ title: 'T', content: '', visualization_files: ['a.png'] }, '# T\n\n## Visualizations\n\n![](a.png)\n'],
  [{ title: 'T', content: 'c', visualization_files: ['a.png'], include_visualizations: false }, '# T\n\nc\n'],
])('%j', async (input, markdown) => {
  expect(await run(input)).toMatchObject({
    markdown,
    content: markdown,
    report: markdown,
    format: 'markdown',
    title: input.title,
  })
})

test('tells its words, its first paragraph, and where it was written', async () => {
  const result = await run({ title: 'Tides', content: 'The moon draws.\n\nMore.', output_path: 'out/r.md' }, 'create')
  expect(result).toMatchObject({ word_count: 6, summary: 'The moon draws.', path: 'out/r.md', size: 32 })
  expect(await readFile(join(place.root, 'out/r.md'), 'utf8')).toBe(result.markdown)
})

test('is markdown and nothing else, below the roots and nowhere else', async () => {
  await expect(run({ content: 'x', format: 'pdf' })).rejects.toThrow(
    'a report is markdown; leave it out, another tool can convert the file',
  )
  await expect(run({ content: 'x', output_path: '../r.md' })).rejects.toMatchObject({ code: 'outside_root' })
})

test('a source may be a text, and null is none', async () => {
  const { markdown } = await run({ search_results: ['https://a.example', null, { url: 'https://b.example' }] })
  const sources = '1. https://a.example\n2. [https://b.example](https://b.example)'
  expect(markdown).toBe(`# Report\n\n## Sources\n\n${sources}\n`)
})

test('warns about a name of a file in place of a text', async () => {
  const tell = vi.fn()
  await call(reportTools[0]!, { content: 'notes.md', findings: 'See notes.md' }, contextAt(place.root, { tell }))
  expect(tell.mock.calls).toEqual([[{ warning: expect.stringContaining('content is the name of a .md file') }]])
})
