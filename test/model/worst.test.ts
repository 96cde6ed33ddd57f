import { expect, it } from 'vitest'
import type { InputFile } from '../../src/model/task.ts'
import { worstCase } from '../../src/model/worst.ts'

const request = { task: { kind: 'write' }, documents: [], instruction: 'What is it?' } as const
const tokensOf = (mediaType: string, characters: number) => {
  const file: InputFile = { mediaType, data: 'A'.repeat(characters) }
  return worstCase({ ...request, files: [file] }).usage.input - worstCase(request).usage.input
}

it('an image is as many tokens as its bytes, and never more than any provider counts for one', () => {
  expect(tokensOf('image/png', 1000)).toBe(500)
  expect(tokensOf('image/png', 4_000_000)).toBe(50_000)
  expect(tokensOf('application/pdf', 4_000_000)).toBe(2_000_000)
})
