import { extname } from 'node:path'
import type { OffloadJob } from '../../../worker/offload/offload.ts'
import { headerJob } from '../headers.ts'
import type { MediaReader, WeightsFacts } from '../reading.ts'

const JOB: OffloadJob = {
  file: new URL(`./weights-of${extname(import.meta.url)}`, import.meta.url),
  name: 'weightsOf',
}

/** Reads the headers of model files. Weights are never run, and nothing is decoded. */
export const weightsReader: MediaReader = {
  name: 'weights-1',
  async read({ path, name, type, bytes }, terms) {
    const facts = (await headerJob(JOB, { path, type, bytes }, name, terms)) as WeightsFacts
    return { facts, passages: [], frames: [], gaps: [] }
  },
}
