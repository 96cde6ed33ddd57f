import { expect, it } from 'vitest'
import { findMatches, VALUE_FORMS } from '../../../../src/model/offline/reading/candidates.ts'
import type { IndexedDocuments } from '../../../../src/model/offline/reading/reading.ts'
import { threadTime } from '../../../thread-time.ts'

it('the first thousand of a form are found, and no more are looked for', () => {
  const excerpts = [0, 1].map((document) => ({ document, text: '1 '.repeat(2_000_000), start: 0 }))
  const started = threadTime()
  const found = findMatches({ excerpts } as unknown as IndexedDocuments, VALUE_FORMS.number)
  expect([found.length, found.at(-1)?.start]).toEqual([1000, 1998])
  expect(threadTime() - started).toBeLessThan(200)
})
