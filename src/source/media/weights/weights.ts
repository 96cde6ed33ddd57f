import { boundedOffload } from '../../../worker/offload/offload.ts'
import { PARSE_MS, parseJob } from '../parse-job.ts'
import type { MediaReader, WeightsFacts } from '../reading.ts'

/** Reads the headers of model files. Weights are never run, and nothing is decoded. */
export const weightsReader: MediaReader = {
  name: 'weights-1',
  async read({ path, name, type, bytes }, { share, signal }) {
    const terms = { share, deadline: PARSE_MS, what: `Reading ${name}`, signal }
    const facts = (await boundedOffload().run(parseJob('weightsOf'), { path, type, bytes }, terms)) as WeightsFacts
    return { facts, passages: [], frames: [], gaps: [] }
  },
}
