import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/** A server that speaks as providers do, for the tests of a file. Before each of them it forgets all, and is taught anew. */
export function useMock({ chunkSize, teach }: { readonly chunkSize?: number; teach?(mock: LLMock): void } = {}) {
  const mock = new LLMock({ port: 0, logLevel: 'silent', ...(chunkSize !== undefined && { chunkSize }) })
  let url = ''
  beforeAll(async () => {
    url = await mock.start()
  })
  afterAll(() => mock.stop())
  beforeEach(() => {
    mock.reset()
    teach?.(mock)
  })
  return {
    mock,
    /** where it answers */
    get url() {
      return url
    },
  }
}
