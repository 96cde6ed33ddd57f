import { expect, test } from 'vitest'
import { licenceSection } from '../../../examples/audit/readme.ts'

const shown = (readme: string) =>
  licenceSection(readme)
    ?.split('\n')
    .map((line, at) => (line === '' ? '' : `${at + 1} ${line}`))
    .filter(Boolean)

test('the section runs from its heading to the next of its rank, lines keep their numbers', () => {
  expect(shown('# a\n\n## License\n\nMIT\n\n### Logo\n\nother\n\n## Thanks\n\nall')).toEqual([
    '3 ## License',
    '5 MIT',
    '7 ### Logo',
    '9 other',
  ])
})

test('knows underlined headings', () => {
  expect(shown('Usage\n-----\nx\n\nLICENCE (MIT)\n-------\nfree\n\nMore\n====\ny')).toEqual([
    '5 LICENCE (MIT)',
    '6 -------',
    '7 free',
  ])
})

test('a comment in a code block is not a heading', () => {
  expect(licenceSection('# a\n```sh\n# license\nrun\n```\n')).toBeNull()
})

test('a README without such a section has none', () => {
  expect(licenceSection('# a\n\nThe license server runs on port 1.')).toBeNull()
})
