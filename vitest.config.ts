import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** More cases take longer (`test/property.ts`). */
const TIMES = Number(process.env.ANTIPHON_FUZZ ?? 1)

/** Tests that measure, kill, replace modules, count what a process holds or take long: each file has a process of its own. */
const ALONE = [
  'test/{chaos,package,simulation}/**/*.test.ts',
  'test/engine/{libsql,restate}.test.ts',
  'test/engine/restate/{across,cluster,engine,node/inline-calls,client/failover}.test.ts',
  'test/{bench/main,engine/libsql/poison,examples/start,testing/kill}.test.ts',
  'test/cli/{cluster-nodes,graduate,serve}.test.ts',
  'test/model/embed/embedder-missing.test.ts',
]

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
    testTimeout: 30_000 * TIMES,
    hookTimeout: 30_000,
    // processes that tests start need not compile what an earlier one has compiled
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache') },
    sequence: { sequencer: LongestFirst },
    projects: [
      // they wait for servers and other processes a third of the time
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 3, sequence: { groupOrder: 0 } } },
      // the others share one: loading the same modules anew for each file took as long as the tests
      {
        extends: true,
        test: {
          ...{ name: 'together', include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false },
          ...{ maxWorkers: 2, sequence: { groupOrder: 1 } },
        },
      },
    ],
  },
})
