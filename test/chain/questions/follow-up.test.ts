import { expect, test } from 'vitest'
import { keepHits, nameSnippet } from '../../../src/chain/questions/follow-up.ts'
import type { ExperienceState } from '../../../src/thread/protocol/phase-states.ts'
import type { Hit } from '../../../src/thread/protocol/phase-types.ts'
import { hit } from '../phases/fixture.ts'

const state = (more: Partial<ExperienceState> = {}): ExperienceState => ({
  modality: 'code',
  knowledgeBase: [],
  retrievedContext: [],
  ...more,
})
const fact = hit('v1', 'The function `parseDate` is defined in dates.ts, line 2')

test.each<[question: string, snippet: Hit | undefined, named: string]>([
  ['And what does it throw?', fact, 'what does parseDate throw?'],
  ['who calls this function', fact, 'who calls parseDate'],
  ['What does it throw?', hit('v1', 'def read_all(path):'), 'What does read_all throw?'],
  [
    'What does it throw?',
    { ...hit('v1', '`fill` calls `put`: put()'), fact: 'Who calls put?' },
    'What does put throw?',
  ],
  ['What does it throw?', hit('v1', 'x = 1'), 'What does it throw?'],
  ['What does it throw?', undefined, 'What does it throw?'],
  ['Does it call parseTime?', fact, 'Does it call parseTime?'],
  ['What is exported?', fact, 'What is exported?'],
])('%s', (question, currentSnippet, named) => {
  expect(nameSnippet(question, state(currentSnippet && { currentSnippet }))).toBe(named)
})

test('snippets are bounded, the newest come last, and a line is kept once', () => {
  const at = (n: number, vid = 'v1') => ({ ...hit(vid, `line ${n}`), line: n })
  let kept = state()
  for (let n = 1; n <= 20; n++) kept = { ...kept, ...keepHits(kept, 'code', [at(n), at(n + 1, 'v2')]) }
  expect(kept.snippets!.map(({ line }) => line)).toEqual([14, 15, 16, 17, 18, 19, 21, 20])
  expect(kept.currentSnippet).toMatchObject({ line: 20 })
  expect(keepHits(kept, 'code', [])).toEqual({})
})
