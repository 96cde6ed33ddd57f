import { expect, test } from 'vitest'
import { createRuntime } from '../../src/index.ts'

test('createRuntime refuses keys that it does not know', async () => {
  await expect(createRuntime({} as never, { tool: [] } as never)).rejects.toMatchObject({
    name: 'InvalidError',
    place: { path: 'tool' },
    hint: 'Did you mean tools?',
  })
})
