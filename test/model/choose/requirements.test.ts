import { describe, expect, test } from 'vitest'
import type { ModelNeeds } from '../../../src/model/choose/model-facts.ts'
import { parseNeeds } from '../../../src/model/choose/requirements.ts'
import { threadTime } from '../../thread-time.ts'

describe('needs in words', () => {
  test.each<[words: string, needs: ModelNeeds]>([
    ['', {}],
    [
      'vision, 100k context, json, < $0.01, offline',
      { modalities: ['vision'], minContext: 100_000, capabilities: ['json'], costLimit: 0.01, local: true },
    ],
    ['Audio input; IMAGE', { modalities: ['audio', 'image'] }],
    ['json mode, tool calls', { capabilities: ['json', 'tools'] }],
    ['at least 32_768 tokens of context', { minContext: 32_768 }],
    ['context >= 1.5M tokens', { minContext: 1_500_000 }],
    ['free', { costLimit: 0 }],
    ['under $ 0.5 per call', { costLimit: 0.5 }],
    ['7b, at most 13B parameters', { minSize: 7, maxSize: 13 }],
    ['>= 350m', { minSize: 0.35 }],
    ['at least 1_500m parameters', { minSize: 1.5 }],
    ['medium-high expertise', { level: 'medium-high' }],
    ['good at code or analysis, good at math', { tags: ['code', 'analysis', 'math'] }],
    ['under 2s, 50 tokens/s, 90% accuracy', { maxLatencyMs: 2000, minTokensPerSecond: 50, minAccuracy: 0.9 }],
    ['at most 500 ms', { maxLatencyMs: 500 }],
    ['not openai/x, without ollama:y:1b', { excluded: ['openai/x', 'ollama:y:1b'] }],
    ['prefer ollama/y, otherwise the cheapest', { preferred: ['ollama/y'], otherwise: 'cheapest' }],
    ['else best available', { otherwise: 'best_available' }],
  ])('%s', (words, needs) => expect(parseNeeds(words)).toEqual({ needs, faults: [] }))

  test.each<[words: string, at: number, hint: string]>([
    ['json, 100k contxt', 6, 'Did you mean `100k context`?'],
    ['jsn', 0, 'Did you mean `json`?'],
    ['json,  100k', 7, 'Did you mean `100k context`?'],
    ['code', 0, 'Write what it is good at as `good at code`.'],
    ['1.2.3k context', 0, 'Write needs like this: vision, 100k context, json, < $0.01, offline'],
    ['as clever as can be', 0, 'Write needs like this: vision, 100k context, json, < $0.01, offline'],
    ['offline, json, local', 15, 'say it once'],
  ])('says of %s where it is not understood, and what to write', (words, at, hint) => {
    expect(parseNeeds(words).faults).toMatchObject([{ at, hint }])
  })

  test('a text that is too long is not read, and a long one is read fast', () => {
    expect(parseNeeds('json,'.repeat(201)).faults).toMatchObject([{ at: 1000 }])
    const began = threadTime()
    parseNeeds(`${'9'.repeat(900)} x`)
    parseNeeds(`${'1_'.repeat(450)} x`)
    expect(threadTime() - began).toBeLessThan(100)
  })
})
