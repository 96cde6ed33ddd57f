import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: begun last, one of them would go on alone while the other worker is idle. */
const LONG = [
  'package/clone',
  'engine/restate',
  'engine/libsql',
  'package/pack',
  'chaos/flush',
  'chaos/load',
  'simulation/simulation',
  'chaos/kinds',
  'chaos/cluster',
  'examples/start',
  'chaos/graduate',
  'cli/cluster-nodes',
  'cli/graduate',
  'bench/main',
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
