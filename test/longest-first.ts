import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: begun last, one of them would go on alone while the other worker is idle. */
const LONG = [
  'engine/restate',
  'package/clone',
  'chaos/load',
  'package/pack',
  'simulation/simulation',
  'chaos/kinds',
  'chaos/flush',
  'bench/main',
  'chaos/cluster',
  'engine/libsql',
  'cli/cluster-nodes',
  'cli/migrate',
  'cli/serve',
  'chaos/migrate',
  'tool/mcp/conformance/conformance',
  'examples/start',
  'engine/restate/cluster',
  'chaos/streams',
  'pipeline/large',
  'docs',
  'http/restate',
]

/** The order of test files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const file = moduleId.replace('.long.test.ts', '.test.ts')
  const place = LONG.findIndex((name) => file.endsWith(`/test/${name}.test.ts`))
  return place === -1 ? LONG.length : place
}
