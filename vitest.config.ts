import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^antiphon$/, replacement: source('./src/index.ts') },
      { find: /^antiphon\/client$/, replacement: source('./src/client.ts') },
      { find: /^antiphon\/testing$/, replacement: source('./src/testing/index.ts') },
      { find: /^antiphon\/testing\/conformance$/, replacement: source('./src/testing/conformance.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
