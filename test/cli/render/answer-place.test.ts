import { expect, it } from 'vitest'
import { printAnswer } from '../../../src/cli/render/print.ts'

it('names the place of each citation: a line, a page, an address, or a record', () => {
  const place = { source: 's', line: 2, endLine: 2, text: 't' }
  const citations = [
    { ...place, vid: 'v1', file: '/work/a.md' },
    { ...place, vid: 'v2', file: '/work/b.pdf', record: 'p_1', at: 'page=3' },
    { ...place, vid: 'v3', file: 'https://x.example/a', record: 'p_2', at: ':~:text=t' },
    { ...place, vid: 'v4', file: 'm_1', record: 'm_1' },
    { ...place, vid: 'v5', file: '/work/c.html', record: 'p_3', at: ':~:text=t' },
  ]
  const lines: string[] = []
  const terminal = { folder: '/work', data: (text: string) => lines.push(text), say: () => {} }
  const answer = { id: 'a', thread: 't', status: 'completed', answer: 'x', basis: 'texts', degraded: [], model: 'm' }
  printAnswer(terminal as never, { ...answer, citations } as never, false)
  expect(lines.join('\n').match(/\[\d\] \S+(?: \S+)*? {2}/g)).toEqual([
    '[1] a.md:2  ',
    '[2] b.pdf, page 3  ',
    '[3] https://x.example/a  ',
    '[4] memory m_1  ',
    '[5] c.html  ',
  ])
})
