import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: begun last, one of them would go on alone while the other worker is idle. */
const LONG = [
  'engine/restate',
  'package/pack',
  'package/clone',
  'chaos/flush',
  'engine/libsql',
  'tool/mcp/conformance/conformance',
  'chaos/calls',
  'recipes/recipes',
  'chaos/kinds',
  'bench/main',
  'http/mcp/conformance/conformance',
  'chaos/load',
  'simulation/crashes',
  'tool/chromium/ssrf',
  'tool/chromium/visit',
  'docs/how-to',
  'cli/cluster-nodes',
  'tool/builtin/code/code',
  'chaos/goals',
  'cli/mcp-serve',
  'docs/tutorial',
  'chaos/cluster',
  'tool/chromium/tools',
  'sandbox/escape',
  'engine/restate/cluster',
  'chaos/librarian',
  'examples/start',
  'agent/goal/faults/faults',
  'http/fuzz',
  'agent/goal/restate',
  'cli/serve',
  'cli/mcp-inspector',
  'runtime/parts/restate',
  'docs',
  'runtime/open/restate',
  'tool/mcp/kill',
  'cli/connect/session',
  'runtime/runs/fork',
  'sandbox/normal-user',
  'simulation/simulation',
  'chaos/conversations',
  'chaos/support',
  'notify/kills',
  'notify/hang',
  'examples/memory',
  'bench/kills',
  'agent/goal/bounds',
]

/** The order of test files. Those that share a process run one after the other: a file in between would end it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b) || isolatedFirst(a, b))
  }
}

const isolatedFirst = (a: TestSpecification, b: TestSpecification) =>
  Number(b.project.config.isolate) - Number(a.project.config.isolate)

function placeOf({ moduleId }: TestSpecification): number {
  const file = moduleId.replace('.long.test.ts', '.test.ts')
  const place = LONG.findIndex((name) => file.endsWith(`/test/${name}.test.ts`))
  return place === -1 ? LONG.length : place
}
