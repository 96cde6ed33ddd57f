import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: begun last, one of them would go on alone while the other worker is idle. */
const LONG = [
  'ui/dashboard',
  'bench/main',
  'engine/restate',
  'engine/libsql',
  'cli/mcp-serve',
  'package/pack',
  'tool/mcp/kill',
  'docs/how-to',
  'cli/serve',
  'docs/tutorial',
  'examples/start',
  'chaos/flush',
  'docs',
  'cli/connect/session',
  'chaos/calls',
  'chaos/restate',
  'recipes/recipes',
  'simulation/simulation',
  'package/clone',
  'chaos/streams',
  'chaos/kinds',
  'tool/builtin/code/code',
  'chaos/cluster',
  'runtime/open/restate',
  'sandbox/escape',
  'package/peers',
  'agent/goal/restate',
  'cli/cluster-nodes',
  'source/media/mutated',
  'http/restate',
  'sandbox/network',
  'chaos/support',
  'runtime/parts/restate',
  'agent/room/conversation/restate',
  'chaos/librarian',
  'chaos/migrate',
  'chaos/goals',
  'cli/migrate',
  'tool/chromium/tools',
  'file/asks-of-media',
  'source/media/readers',
  'simulation/crashes',
  'bench/kills',
  'file/media-tools',
  'tool/chromium/ssrf',
  'tool/chromium/visit',
  'engine/restate/cluster',
  'runtime/migrate/migrate',
  'run/room/closed',
  'docs/cookbook',
  'engine/restate/engine',
  'runtime/parts/killed',
  'memory/kill',
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
