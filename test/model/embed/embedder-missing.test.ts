import { expect, it, vi } from 'vitest'

vi.mock('node:module', () => ({
  createRequire: () => ({
    resolve(name: string) {
      throw new Error(`Cannot find module '${name}'`)
    },
  }),
}))

it('without its package there is no embedder, and the offline model says that it ranks by words', async () => {
  const { localEmbedder } = await import('../../../src/model/embed/local-embedder.ts')
  const { createModels } = await import('../../../src/model/registry.ts')
  expect(localEmbedder()).toBeUndefined()
  expect(createModels({}, {}).default.why).toContain('by words alone')
})
