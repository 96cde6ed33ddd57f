import { expect, it } from 'vitest'
import { formatModelId, parseModelId } from '../../../src/model/model-id.ts'

it.each([
  ['ollama/llama3.2', 'ollama', 'llama3.2'],
  ['ollama:llama3.2:1b', 'ollama', 'llama3.2:1b'],
  ['ollama/llama3.2:1b', 'ollama', 'llama3.2:1b'],
  ['router/meta/llama-3', 'router', 'meta/llama-3'],
])('%s names a model of a provider', (id, provider, name) => {
  expect(parseModelId(id)).toEqual({ provider, name })
  expect(formatModelId(parseModelId(id))).toBe(`${provider}/${name}`)
})

it.each(['', 'llama', '/llama', 'ollama/', 'ollama/a b', `x/${'y'.repeat(300)}`])(
  '%j is refused with an example',
  (id) => {
    expect(() => parseModelId(id)).toThrow(
      expect.objectContaining({ name: 'InvalidError', hint: expect.stringContaining('ollama/') }),
    )
  },
)
