import { expect, it } from 'vitest'
import { printAnswer } from '../../../src/cli/render/print.ts'

const MARKED = 'It is <vid>v6</vid>, <vid>v6</vid> and <vid>v6</vid>, <vid>t1</vid>'

it('names the place of each mark: lines, a page, an address, a record, or the run of a tool', () => {
  const place = { source: 's', line: 2, endLine: 2, text: 't' }
  const citations = [
    { ...place, vid: 'v1', file: '/work/a.md' },
    { ...place, vid: 'v2', file: '/work/b.pdf', record: 'p_1', at: 'page=3' },
    { ...place, vid: 'v3', file: 'https://x.example/a', record: 'p_2', at: ':~:text=t' },
    { ...place, vid: 'v4', file: 'm_1', record: 'm_1' },
    { ...place, vid: 'v5', file: '/work/c.html', record: 'p_3', at: ':~:text=t' },
    { ...place, vid: 'v6', file: '/work/a.md', endLine: 9, quotes: [place, { ...place, line: 3, endLine: 5 }] },
    { ...place, vid: 't1', file: 't.q1.1.action.2-a', tool: 'count' },
  ]
  const lines: string[] = []
  const terminal = { folder: '/work', data: (text: string) => lines.push(text), say: () => {} }
  const answer = { id: 'a', thread: 't', status: 'completed', answer: MARKED, basis: 'texts', degraded: [], model: 'm' }
  printAnswer(terminal as never, { ...answer, citations } as never, false)
  expect(lines.join('\n')).toMatch(/^It is \[1\], \[2\] and \[2\], \[3\]\n/)
  expect(lines.join('\n').match(/\[\d\] \S+(?: \S+)*? {2}/g)).toEqual([
    '[1] a.md:2  ',
    '[2] a.md:3-5  ',
    '[3] count, run t.q1.1.action.2-a  ',
    '[4] b.pdf, page 3  ',
    '[5] https://x.example/a  ',
    '[6] memory m_1  ',
    '[7] c.html  ',
  ])
})
