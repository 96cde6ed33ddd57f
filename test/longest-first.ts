import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: begun last, one of them would go on alone while the other worker is idle. */
const LONG = [
  'package/clone',
  'engine/restate',
  'bench/main',
  'package/pack',
  'engine/libsql',
  'chaos/kinds',
  'chaos/flush',
  'chaos/cluster',
  'chaos/load',
  'simulation/simulation',
  'cli/cluster-nodes',
  'cli/graduate',
  'chaos/graduate',
  'pipeline/large',
  'cli/serve',
  'examples/start',
]

/** The order of test files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return place === -1 ? LONG.length : place
}
