import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { AS_SOURCES } from './test/as-sources.ts'
import { LongestFirst } from './test/longest-first.ts'
import { memoryFolder } from './test/memory-folder.ts'
import { GATE_FILES } from './test/tiers.ts'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** More cases take longer (`test/property.ts`). */
const TIMES = Number(process.env.ANTIPHON_FUZZ ?? 1)

/** Short forms of what takes long, and extensions, which stay in their process: each file has one of its own. */
const SHORT = [
  'test/simulation/{found,simulation}.test.ts',
  'test/engine/libsql.test.ts',
  'test/testing/kill.test.ts',
  'test/extension/*.test.ts',
]

/** Tests that put another module in the place of one. Each file has a process of its own, in which Vite loads the modules. */
const MOCKS = [
  'test/{source,http/mcp,worker/isolation,tool/mcp,tool/chromium}/missing.test.ts',
  'test/{model/embed/embedder,store/redis}-missing.test.ts',
  'test/engine/envelope.test.ts',
  'test/observe/otel/otel.test.ts',
  'test/source/code/read-code.test.ts',
  'test/store/database/wal-checkpointer.test.ts',
  // vega-lite adds a method to all sets of its process
  'test/tool/builtin/visualization/*.test.ts',
]

/** Node loads the modules: what it has compiled it keeps, and a binding that was imported costs nothing to read. */
const NATIVE = {
  experimental: { viteModuleRunner: false, nodeLoader: false },
  execArgv: [...AS_SOURCES],
}

/** Tests that start servers, clusters and containers, kill for long, measure, draw many cases or install packages; or are dear. */
const LONG = ['test/**/*.long.test.ts']

/** The long tests on Restate servers. What is left of a node may call its server after the end of a test. */
const RESTATE = [
  'test/engine/**/*.long.test.ts',
  'test/**/{restate,cluster,cluster-nodes,migrate,release,streams,doctor-move}.long.test.ts',
  'test/{docs,bench/main,cli/serve,observe/trace}.long.test.ts',
]

const LONG_RUNS = {
  ...NATIVE,
  // they wait for servers, browsers and other processes more than a third of the time
  maxWorkers: 4,
  sequence: { groupOrder: 1 },
  // servers, browsers and clusters start slowly where the cores are busy: no test knows how busy they are
  testTimeout: 240_000 * TIMES,
  expect: { poll: { timeout: 60_000 } },
  hookTimeout: 240_000,
}

/**
 * The fetch of Node 24 throws where nobody can catch it when a server closes a connection whose response is still to be
 * read (nodejs/undici#5360). The test goes on, and fails by itself if it needs that response.
 */
const isFaultOfFetch = ({ stack = '' }: { readonly stack?: string }) =>
  stack.includes('Parser.finish (node:internal/deps/undici')

// a watch of files needs to know the imports of each
if (!process.argv.includes('run')) process.env.ANTIPHON_WATCHES = 'yes'

const inMemory = memoryFolder()

export default defineConfig({
  resolve: {
    alias: [
      { find: /^antiphon$/, replacement: source('./src/index.ts') },
      { find: /^antiphon\/client$/, replacement: source('./src/client.ts') },
      { find: /^antiphon\/extend$/, replacement: source('./src/extend.ts') },
      { find: /^antiphon\/testing$/, replacement: source('./trials/index.ts') },
      { find: /^@antiphon\/(\w+)$/, replacement: source('./packages/$1/src/index.ts') },
      { find: /^antiphon\/testing\/conformance$/, replacement: source('./trials/conformance.ts') },
    ],
  },
  test: {
    experimental: { fsModuleCache: true },
    testTimeout: 30_000 * TIMES,
    hookTimeout: 30_000,
    // a busy machine needs more than the usual second
    expect: { poll: { timeout: 20_000 } },
    // processes that tests start need not compile what an earlier one has compiled
    env: {
      NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache'),
      ...(inMemory !== undefined && { TMPDIR: inMemory }),
    },
    globalSetup: ['./test/memory-folder.ts'],
    runner: './test/cpu-runner.ts',
    onUnhandledError: (error) => !isFaultOfFetch(error),
    sequence: { sequencer: LongestFirst },
    projects: [
      // they wait for the disk and for other processes a third of the time
      { extends: true, test: { ...NATIVE, name: 'short', include: SHORT, maxWorkers: 3, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'mocks', include: MOCKS, maxWorkers: 3, sequence: { groupOrder: 0 } } },
      // these share one process: loading the same modules anew for each file takes as long as the tests
      {
        extends: true,
        test: {
          ...NATIVE,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...SHORT, ...MOCKS, ...LONG],
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { ...LONG_RUNS, name: 'gate', include: [...GATE_FILES] } },
      { extends: true, test: { ...LONG_RUNS, name: 'restate', include: RESTATE, exclude: [...GATE_FILES] } },
      {
        extends: true,
        test: { ...LONG_RUNS, name: 'long', include: LONG, exclude: [...RESTATE, ...GATE_FILES], isolate: false },
      },
    ],
  },
})
